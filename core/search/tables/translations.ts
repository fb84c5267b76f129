/*
 * Common verbs and nouns of tools in German, French, Spanish, Portuguese, Italian and Chinese: tools describe themselves in English, but
 * people do not ask in it. A word is found by its beginning, without accents, so that its endings need not be listed.
 */
export const translations = `
create: erstell erzeug anleg anzuleg creer cree crear crea crei 创建 新建 建立 novo nova hinzufueg, add: hinzufug fuge ajout anad agreg
添加 增加 adicion aggiung, delete: losch loesch entfern supprim efface elimin borr suprim 删除 移除 apag cancell elimina, update:
aktualisier miseajour actuali 更新 atualiz aggiorn, change: ander veranderung aender modifi cambi 修改 编辑 更改 mud modific unterschied
变更, show: zeig anzeig affich montr mostr muestr ensen 显示 查看 mostra mira, list: auflist lister listar lista liste enumer 列出 列表,
search: such cherch recherch busc 搜索 查找 查询 搜 pesquis cerc, find: find trouv encontr hall 找到 找 encontra trova, get: hol abruf
obten obtien recuper 获取 取得 obte otten, read: les lies lire leer lee 读取 阅读 legg leia, write: schreib ecrir ecri escrib 写入 写
escrev scriv, send: send schick versend envoi envoy envi mand 发送 发 invia, open: offn offen oeffn ouvr ouvert abr abiert 打开 开放 apri,
close: schliess ferm cerr 关闭 chiud fech, start: start demarr lanc inici arranc 启动 开始 inicia avvi, stop: stopp anhalt beend arret
deten 停止 ferm detener parar paro, run: ausfuhr ausfuehr execut ejecut 运行 执行 lauf lauft tourne, copy: kopier copi 复制 copia, move:
verschieb verschoben deplac mover mueve 移动 muov spost, rename: umbenenn renomm renombr 重命名, download: herunterlad telecharg descarg
下载 baix scaric, upload: hochlad hochgelad televers sub 上传 envia caric, compare: vergleich compar 比较 对比 confront, translate:
ubersetz tradui traduc 翻译 traduz, calculate: berechn rechn calcul 计算 calcol, convert: umwandl umrechn convert 转换, count: zahl compt
cont cuent 计数 数量 combien cuanto cuanta quanti quante wieviel wieviele wievielen 多少 几个, merge: zusammenfuhr fusionn fusion 合并
zusammenfuhren, assign: zuweis assign asign 分配, restart: neustart redemarr reinici 重启, deploy: bereitstell deploi despleg 部署,
install: installier instal 安装, file: datei fichier archiv 文件 arquiv, folder: ordner verzeichnis dossier repertoir carpet directori
文件夹 目录 pasta cartell, page: seite pagin 页面 页 pagina, website: webseite siteweb sitio 网站 网页 sito webseit, message: nachricht
mensaj 消息 信息 mensag messagg, mail: courriel correo 邮件, channel: kanal canal 频道, user: benutzer nutzer utilisateur usuari 用户
utente people personen personnes personas persone 人员, customer: kund client 客户 clientes, issue: ticket vorgang probleme problema
incidencia 议题 问题 工单 fehlermeld problem, task: aufgab tache tarea 任务 tarefa compit, invoice: rechnung factur 发票 fatur fattur,
payment: zahlung paiement pago 付款 支付 pagament bezahl uberweis, bill: beleg, branch: zweig branche 分支 zweige rama, repository: depot
repositori 仓库 代码库, commit: 提交, pull: 拉取, request: anfrag demand solicitud peticion 请求, table: tabell tabl 表, record: datensatz
enregistr registr 记录, row: zeil ligne fila 行, column: spalt colonn column 列, database: datenbank basededonnees basededatos 数据库,
query: abfrag requet consult 查询, image: bild imag 图片 图像 imagem immagin, picture: foto photo 照片, screenshot: bildschirmfoto
bildschirmaufnahme capturedecran captura 截图 截屏, chart: diagramm graphiqu grafic 图表 schaubild balkendiagramm kreisdiagramm 柱状图
折线图 饼图, map: kart carte mapa 地图 mapp landkart, route: weg itinerair rut 路线 percors rota strecke, place: ort lieu lugar 地点,
distance: entfernung distanc 距离, weather: wetter meteo tiempo clima 天气, time: zeit uhrzeit heur hora 时间 horas, date: datum fecha
日期, today: heut aujourd hoy 今天, event: termin ereignis evenement evento cita 事件 日程 treffen, calendar: kalend calendri calendari
日历 kalender, note: notiz nota 笔记 anotac, document: dokument documento 文档, text: texto 文本, code: quelltext codigo 代码, log:
protokoll journa registros 日志 protokolle, error: fehler erreur 错误, price: preis prix precio 价格 preco prezz kostet, order: bestell
command pedid 订单, product: produkt produit producto 产品 商品 produto prodott, employee: mitarbeit angestellt employe emplead 员工
impiegat funcionari dipendent personal, account: konto compt cuenta 账户 账号 conta bankkonto, password: passwort kennwort motdepasse
contrasen 密码 senha, name: namen nom nombre 名称 名字, comment: kommentar commentair comentari 评论 coment, label: etikett etiquett
etiquet 标签, project: projekt projet proyect 项目 progett, team: equip 团队, server: serveur servidor 服务器, container: conteneur
contenedor 容器, news: nachrichten nouvell actualit noticia 新闻, current: aktuell actuel actual 当前, new: neu nouveau nouvelle nuev 新,
last: letzt derni ultim 最近 最新, all: alle tous toutes todos todas 所有 全部, photo: fotografi, rain: regen regn pluie lluv chuv piogg
下雨 雨, snow: schnee neige nieve neve 雪, temperature: temperatur gradi grados 温度 气温, forecast: vorhersag previsi pronostic 预报,
tomorrow: morgen demain manan amanh domani 明天, yesterday: gestern ayer ontem ieri 昨天, week: woche semaine seman settiman 一周 本周
星期, month: monat mois 月份 本月, year: jahr annee anno 年份 今年, hour: stund heure, meeting: besprech sitzung reunion riunion 会议
开会, reminder: erinner rappel recordator 提醒, language: sprach langue idioma lingua 语言, city: stadt ville ciudad cidade citta 城市,
country: pays pais paese 国家, street: strass calle strada 街道, address: adress direccion endereco indirizz 地址, hotel: 酒店 宾馆,
flight: flug vuelo voo volo 航班 机票 飞机, train: zug tren treno bahn 火车 高铁, car: voiture coche macchina 汽车 开车, near: nahe proche
cerca perto vicin 附近, restaurant: ristorant 餐厅 餐馆 饭店, money: geld argent dinero dinheiro soldi 钱, currency: wahrung devise moneda
moeda valuta 货币 汇率, bank: banque banco 银行, stock: aktie acciones acoes azioni bourse 股票 股价 lager 库存, tax: steuer impot
impuesto imposto tass 税, salary: gehalt lohn salair sueldo stipendi 工资 薪水, leave: urlaub conge vacacion ferie 假期 休假 请假,
company: firma unternehm entrepris empresa aziend 公司, contact: kontakt contatt 联系人, phone: telefon telephon handy 手机 电话, device:
gerat appareil dispositiv 设备, owe: schuld doit debe 欠, video: 视频, music: musik musiq musica 音乐, song: lied chanson cancion canzon
歌曲, book: buch livre libro livro 图书, movie: pelicul kino 电影, recipe: rezept recett receta ricett 食谱 菜谱, article: artikel articol
articul artigo 文章, paper: aufsatz 论文, word: wort palabr parol palavra 单词, definition: bedeut signifi 意思 定义, summary:
zusammenfass resum riassunt 摘要 总结 概括, report: bericht rapport informe relator 报告 报表, statistic: statistik statistiq estadist
统计, number: anzahl numer 数字, random: zufall aleato hasard 随机, draw: zeichn dessin dibuj disegn 画 绘制, play: spiel joue juega 播放,
buy: kauf achet compra 购买, reserve: reserv 预订 预约, explain: erklar expliq explic spieg 解释 说明, check: pruf uberpruf verifi
comprueb comprob controll 检查 验证, fix: reparier behe corrig arregl ripar 修复 修正, save: speicher sauvegard guarda salva 保存, share:
teile partag compart condivid 分享 共享, invite: einlad lade 邀请, remember: merk souvien retien recuerd ricord 记住 记得, notify:
benachricht avis 通知, schedule: program planif 安排 计划, cancel: abbrech annul stornier 取消, approve: genehmig approuv aprueb 批准,
reject: ablehn rejet rechaz 拒绝, export: exportier 导出, import: importier 导入, print: druck imprim 打印, click: klick cliqu clic 点击
单击, type: eingeb tipp saisi 输入, login: anmeld einlogg 登录, publish: veroffentl publi 发布, reply: antwort repon respond rispond 回复
回答, measure: messe mesur misur 测量, monitor: uberwach surveill vigil 监控 监视, backup: sicherung sicher respald 备份 sicherungskopi,
restore: wiederherst restaur 恢复, failed: fehlgeschlag gescheitert echou fallido 失败, broken: kaputt casse roto 坏了, slow: langsam 慢,
free: frei libre 空闲, biggest: gross 最大, version: 版本, build: baue construi 构建, test: testen prueb 测试, pipeline: 流水线, status:
zustand etat estado stato 状态, setting: einstell paramet ajuste impostaz 设置 配置, permission: berechtig permis 权限, member: mitglied
membre miembro membro 成员, group: gruppe groupe grupo gruppo 组, role: rolle, owner: besitz inhaber proprieta propietari 所有者,
reviewer: gutacht, history: verlauf historique historial cronolog 历史, release: veroffentlichung 发行, conflict: konflikt conflit 冲突,
problem: 故障, alert: alarm warnung alerte alerta allarme 警报 告警, cluster: 集群, network: netzwerk reseau 网络, domain: domane domaine
dominio 域名, certificate: zertifikat certificat 证书, key: schlussel clave chiave 密钥, size: grosse taille tamano dimension 大小, space:
speicherplatz espace espacio 空间, disk: festplatte disque disco 磁盘, line: zeilen, character: zeichen, where: donde dove onde 哪里 在哪,
why: warum weshalb pourquoi perche 为什么, who: wer quien 谁, when: wann quand cuando 什么时候, empty: leer vacio 清空, question: frag
pregunt domand 提问, answer: 答案, offer: angebot devis presupuest 报价, contract: vertrag contrat 合同, delivery: liefer livrais entreg
交货 发货, discount: rabatt remise descuent 折扣, subscription: abonn suscrip 订阅, lead: interessent 线索, campaign: kampagne campagne
活动
`;
