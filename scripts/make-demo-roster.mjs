// Writes fixtures/demo-roster.csv: 250 invented people, the same at every run. `node scripts/make-demo-roster.mjs`

import { writeFileSync } from "node:fs";

// Five first and five last names each, with the spelling that stands in the address, and where they work.
const GROUPS = [
  [
    "Europe/Madrid",
    "Inés/ines Álvaro/alvaro Nuria/nuria Íñigo/inigo Belén/belen",
    "Quiroga/quiroga de·la·Vega/delavega Núñez/nunez Sotomayor/sotomayor Peñalba/penalba",
  ],
  [
    "Europe/Warsaw",
    "Łucja/lucja Bożena/bozena Zdzisław/zdzislaw Michał/michal Agnieszka/agnieszka",
    "Wróblewicz/wroblewicz Ząbkowski/zabkowski Świerczak/swierczak Gołąb/golab Kędziora/kedziora",
  ],
  [
    "Europe/Amsterdam",
    "Sanne/sanne Joris/joris Fenna/fenna Thijs/thijs Lotte/lotte",
    "van·der·Veld/vanderveld ter·Horst/terhorst Brouwers/brouwers de·Ridder/deridder Zandstra/zandstra",
  ],
  [
    "Europe/Berlin",
    "Jürgen/juergen Käthe/kaethe Sören/soeren Anneliese/anneliese Björn/bjoern",
    "Großkopf/grosskopf von·Ahlen/vonahlen Mühlbach/muehlbach Rößler/roessler Steinhuder/steinhuder",
  ],
  [
    "Europe/Kyiv",
    "Оксана/oksana Тарас/taras Ярина/yaryna Богдан/bohdan Леся/lesia",
    "Вербицька/verbytska Довженко/dovzhenko Коваль/koval Гнатюк/hnatiuk Зінчук/zinchuk",
  ],
  [
    "Europe/Athens",
    "Ελένη/eleni Νίκος/nikos Δήμητρα/dimitra Στέφανος/stefanos Ζωή/zoi",
    "Καραγιάννη/karagianni Βλάχος/vlachos Μελισσίδη/melissidi Ρήγας/rigas Θεοτόκη/theotoki",
  ],
  [
    "Asia/Tokyo",
    "葵/aoi 蓮/ren 美咲/misaki 大翔/hiroto 結衣/yui",
    "桜井/sakurai 水無月/minazuki 小鳥遊/takanashi 神楽坂/kagurazaka 白石/shiraishi",
  ],
  [
    "Asia/Kolkata",
    "अनन्या/ananya रोहन/rohan मीरा/meera कबीर/kabir Priyanka/priyanka",
    "चतुर्वेदी/chaturvedi Iyengar/iyengar भट्टाचार्य/bhattacharya Deshpande/deshpande Nambiar/nambiar",
  ],
  [
    "Africa/Lagos",
    "Ọláwálé/olawale Ngozi/ngozi Adébáyọ̀/adebayo Chiamaka/chiamaka Tunde/tunde",
    "Ọdúnayọ̀/odunayo Okonjo-Bassey/okonjobassey Adéṣínà/adesina Nwachukwu/nwachukwu Eze/eze",
  ],
  [
    "America/Chicago",
    "Maya/maya DeShawn/deshawn Siobhán/siobhan Nguyễn-Anh/nguyenanh Jo/jo",
    "O'Hannigan/ohannigan Whitefeather/whitefeather Lindqvist/lindqvist Trần/tran St.·Clair/stclair",
  ],
];

const JOBS = [
  ["Engineering", ["Software Engineer", "Test Engineer", "Platform Lead"]],
  ["Operations", ["Logistics Planner", "Site Coordinator", "Shift Lead"]],
  ["Sales", ["Account Manager", "Sales Analyst", "Partner Manager"]],
  ["People", ["HR Generalist", "Recruiter", "Payroll Specialist"]],
  ["Finance", ["Controller", "Accountant, Receivables", "Buyer"]],
];

function names(text) {
  return text.split(" ").map((pair) => pair.replaceAll("·", " ").split("/"));
}

function cell(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const lines = ["Employee ID,First Name,Last Name,Work Email,Department,Job Title,Status,Start Date,Time Zone"];
for (let index = 0; index < 250; index += 1) {
  const [zone, firsts, lasts] = GROUPS[index % GROUPS.length];
  const pick = Math.floor(index / GROUPS.length);
  const [first, firstMail] = names(firsts)[pick % 5];
  const [last, lastMail] = names(lasts)[Math.floor(pick / 5)];
  const [department, titles] = JOBS[(index * 7) % JOBS.length];
  const day = new Date(Date.UTC(2012, 0, 2 + index * 19)).toISOString().slice(0, 10);
  const row = [
    `E${String(index + 1).padStart(4, "0")}`,
    first,
    last,
    `${firstMail}.${lastMail}@northwind-sandbox.example`,
    department,
    titles[index % titles.length],
    index % 23 === 7 ? "On leave" : "Active",
    day,
    zone,
  ];
  lines.push(row.map(cell).join(","));
}
writeFileSync(new URL("../fixtures/demo-roster.csv", import.meta.url), `${lines.join("\n")}\n`);
