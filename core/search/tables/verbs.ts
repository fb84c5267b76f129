/** What a tool does according to its name, or what a query asks for, and the verbs that say so. */
export const verbs = `
look: get fetch read show list view display see inspect describe find search look query lookup retrieve obtain count compare explain check
browse enumerate locate discover tell print analyze watch observe measure, look: calculate compute learn audit examine preview summarize
return, send: send post publish share deliver push broadcast reply answer notify, make: create make add new register raise produce insert
compose draft write generate build draw schedule initialize init plot render remember append install invite upload open leave save store
record note file log, change: give fix update modify edit change alter patch adjust rewrite rename set configure replace assign resize
move transfer relocate mark convert restore revert undo reset archive toggle enable disable switch scale, change: upgrade promote, drop:
delete remove erase drop destroy discard forget uninstall purge clear wipe rid clean revoke unassign detach, run: run execute trigger
launch start invoke perform play retry rerun repeat boot deploy restart reboot rollback, stop: stop cancel abort terminate kill halt end
close quit shutdown disconnect
`;
