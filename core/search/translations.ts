import { readGroups } from "./groups.ts";

/*
 * Common verbs and nouns of tools in German, French, Spanish and Chinese: tools describe themselves in English, but people do not
 * ask in it. A word is found by its beginning, without accents, so that its endings need not be listed. Nothing here is looked at for a
 * word that the servers themselves use.
 */
const groups = `
create: erstell erzeug anleg anzuleg creer cree crear crea crei 创建 新建 建立, add: hinzufug fuge ajout anad agreg 添加 增加, delete: losch loesch entfern, supprim efface elimin borr suprim 删除 移除, update: aktualisier miseajour actuali 更新, change: ander veranderung aender modifi cambi 修改 编辑 更改,
show: zeig anzeig affich montr mostr muestr ensen 显示 查看, list: auflist lister listar lista liste enumer 列出 列表, search: such cherch recherch busc 搜索 查找 查询 搜, find: find trouv encontr hall 找到 找, get: hol abruf obten obtien recuper 获取 取得, read: les lies lire leer lee 读取 阅读,
write: schreib ecrir ecri escrib 写入 写, send: send schick versend envoi envoy envi mand 发送 发, open: offn offen oeffn ouvr ouvert abr abiert 打开 开放, close: schliess ferm cerr 关闭, start: start demarr lanc inici arranc 启动 开始, stop: stopp anhalt beend arret deten par 停止,
run: ausfuhr ausfuehr execut ejecut 运行 执行, copy: kopier copi 复制, move: verschieb verschoben deplac mover mueve 移动, rename: umbenenn renomm renombr 重命名, download: herunterlad telecharg descarg 下载, upload: hochlad hochgelad televers sub 上传, compare: vergleich compar 比较 对比,
translate: ubersetz tradui traduc 翻译, calculate: berechn rechn calcul 计算, convert: umwandl umrechn convert 转换, count: zahl compt cont cuent 计数 数量, merge: zusammenfuhr fusionn fusion 合并, assign: zuweis assign asign 分配, restart: neustart redemarr reinici 重启, deploy: bereitstell deploi despleg 部署,
install: installier instal 安装, file: datei fichier archiv 文件, folder: ordner verzeichnis dossier repertoir carpet directori 文件夹 目录, page: seite pagin 页面 页, website: webseite siteweb sitio 网站 网页, message: nachricht mensaj 消息 信息, mail: courriel correo 邮件, channel: kanal canal 频道,
user: benutzer nutzer utilisateur usuari 用户, customer: kund client 客户, issue: ticket vorgang probleme problema incidencia 议题 问题 工单, task: aufgab tache tarea 任务, invoice: rechnung factur 发票, payment: zahlung paiement pago 付款 支付, bill: beleg, branch: zweig branche ram 分支,
repository: depot repositori 仓库 代码库, commit: 提交, pull: 拉取, request: anfrag demand solicitud peticion 请求, table: tabell tabl 表, record: datensatz enregistr registr 记录, row: zeil ligne fila 行, column: spalt colonn column 列, database: datenbank basededonnees basededatos 数据库,
query: abfrag requet consult 查询, image: bild imag 图片 图像, picture: foto photo 照片, screenshot: bildschirmfoto bildschirmaufnahme capturedecran captura 截图 截屏, chart: diagramm graphiqu grafic 图表, map: kart carte mapa 地图, route: weg itinerair rut 路线, place: ort lieu lugar 地点,
distance: entfernung distanc 距离, weather: wetter meteo tiempo clima 天气, time: zeit uhrzeit heur hora 时间, date: datum fecha 日期, today: heut aujourd hoy 今天, event: termin ereignis evenement evento cita 事件 日程, calendar: kalend calendri calendari 日历, note: notiz nota 笔记, document: dokument documento 文档,
text: texto 文本, code: quelltext codigo 代码, log: protokoll journa registros 日志, error: fehler erreur 错误, price: preis prix precio 价格, order: bestell command pedid 订单, product: produkt produit producto 产品 商品, employee: mitarbeit angestellt employe emplead 员工, account: konto compt cuenta 账户 账号,
password: passwort kennwort motdepasse contrasen 密码, name: namen nom nombre 名称 名字, comment: kommentar commentair comentari 评论, label: etikett etiquett etiquet 标签, project: projekt projet proyect 项目, team: equip 团队, server: serveur servidor 服务器, container: conteneur contenedor 容器,
news: nachrichten nouvell actualit noticia 新闻, current: aktuell actuel actual 当前, new: neu nouveau nouvelle nuev 新, last: letzt derni ultim 最近 最新, all: alle tous toutes todos todas 所有 全部
`;

/** Beginning of a word → the English word. */
const english = readGroups(groups, (word, starts) => starts.map((start) => [start, word]));

/** Articles and prepositions, once a query has a word of another language. */
export const foreignStopWords = new Set(
  (
    "der die das den dem des ein eine einen einem einer und mit von fur aus auf bei im zum zur mir mein meine meinem ist sind bitte le la les un une du de et avec pour " +
    "dans sur mon ma mes par son est moi el los las una unos y con para mi mis del al en por que se su me"
  ).split(" "),
);

const startChars = { min: 3, max: 16 };

/** The English word for a word of another language, without accents and in lower case. */
export function translationOf(text: string): string | undefined {
  for (let end = Math.min(text.length, startChars.max); end >= startChars.min; end--) {
    const word = english.get(text.slice(0, end))?.at(-1);
    // A short beginning stands for many words, unless little follows it.
    if (word !== undefined && text.length - end < Math.max(3, end)) return word;
  }
  return undefined;
}

const hanWords = [...english.keys()].filter((word) => /\p{Script=Han}/u.test(word)).sort((a, b) => b.length - a.length);
const han = new RegExp(`${hanWords.join("|")}|\\p{Script=Han}`, "gu");

/** Chinese has no spaces: its known words, in order, in English. Other text stays. */
export function withoutHan(query: string): string {
  return query.replace(han, (word) => ` ${english.get(word)?.at(-1) ?? ""} `);
}
