// The manifest of the demonstration and of the tests: three districts, three languages, and on the ballots all kinds of contests.

const text = (en, ru, ar) => ({ en, ru, ar });
const option = (id, en, ru, ar, more = {}) => ({ id, name: text(en, ru, ar), ...more });

const ROADS = [option("tram", "Tram", "Трамвай", "ترام"), option("bridge", "Bridge", "Мост", "جسر"), option("paths", "Cycle paths", "Велодорожки", "مسارات الدراجات")];

export const CONTESTS = {
  mayor: {
    title: text("Mayor", "Мэр", "العمدة"),
    question: text("Who shall be mayor?", "Кто станет мэром?", "من يكون العمدة؟"),
    options: [option("ada", "Ada Brandt", "Ада Брандт", "آدا براندت"), option("boris", "Boris Lenz", "Борис Ленц", "بوريس لنتس"), option("clara", "Clara Mohr", "Клара Мор", "كلارا مور")],
    choose: { min: 0, max: 1 },
    marks: [{ id: "blank", name: text("Blank", "Пустой бюллетень", "ورقة بيضاء") }],
  },
  parks: {
    title: text("Parks", "Парки", "الحدائق"),
    question: text("Which parks shall be renewed?", "Какие парки обновить?", "أي حدائق تُجدَّد؟"),
    options: [option("north", "North park", "Северный парк", "حديقة الشمال"), option("river", "River bank", "Набережная", "ضفة النهر"), option("garden", "Old garden", "Старый сад", "البستان القديم"), option("hill", "Hill", "Холм", "التل")],
    choose: { min: 0, max: 2 },
    marks: [{ id: "none", name: text("None of them", "Ни один из них", "لا شيء منها"), valid: true }],
  },
  roads: { title: text("Points for roads", "Баллы дорогам", "نقاط للطرق"), options: ROADS, choose: { min: 0, max: 10, each: 5 } },
  council: {
    title: text("Council", "Совет", "المجلس"),
    options: [option("dora", "Dora Ott", "Дора Отт", "دورا أوت", { detail: text("born 1971", "1971 г. р.", "مواليد 1971") }), option("emil", "Emil Ruf", "Эмиль Руф", "إميل روف"), option("faye", "Faye Weiss", "Фэй Вайс", "فاي فايس"), option("goran", "Goran Zahn", "Горан Цан", "غوران تسان")],
    rank: { min: 0, max: 4 },
    write_ins: { places: 1, length: 60 },
    count: { method: "stv", quota: "droop", places: 5, seats: 2, tie_break: "backwards" },
  },
  square: {
    title: text("Name of the square", "Имя площади", "اسم الساحة"),
    options: [option("church", "Church Square", "Соборная площадь", "ساحة الكنيسة"), option("linden", "Linden Square", "Липовая площадь", "ساحة الزيزفون")],
    choose: { min: 0, max: 1 },
    write_ins: { places: 1, length: 60 },
    count: { method: "plurality", seats: 1, tie_break: "order" },
  },
  survey: {
    title: text("Survey", "Опрос", "استطلاع"),
    question: text("A survey: what shall the city do first?", "Опрос: что городу сделать в первую очередь?", "استطلاع: ما الذي تفعله المدينة أولًا؟"),
    options: [option("housing", "Housing", "Жильё", "السكن"), option("schools", "Schools", "Школы", "المدارس"), option("trees", "Trees", "Деревья", "الأشجار")],
    choose: { min: 0, max: 3 },
  },
  chef: {
    title: text("School kitchen", "Школьная кухня", "مطبخ المدرسة"),
    options: [option("yara", "Yara Lutz", "Яра Лутц", "يارا لوتس"), option("zeno", "Zeno Mohr", "Зено Мор", "زينو مور")],
    grades: [text("poor", "плохо", "ضعيف"), text("fair", "средне", "مقبول"), text("good", "хорошо", "جيد")],
    marks: [{ id: "blank", name: text("Blank", "Пустой бюллетень", "ورقة بيضاء") }],
    count: { method: "majority-judgment", seats: 1, tie_break: "open" },
  },
  site: { title: text("Site of the school", "Место школы", "موقع المدرسة"), options: [option("harbour", "Harbour", "Гавань", "المرفأ"), option("meadow", "Meadow", "Луг", "المرج"), option("mill", "Mill", "Мельница", "الطاحونة")], pairs: { ties: true }, marks: ["blank"], count: { method: "schulze", seats: 1, tie_break: "lot" } },
  song: { title: text("Song of the city", "Песня города", "أغنية المدينة"), options: [option("aurora", "Aurora", "Аврора", "أورورا"), option("breeze", "Breeze", "Бриз", "نسيم"), option("comet", "Comet", "Комета", "مذنّب")], places: { points: [3, 2], fewer: true }, count: { method: "plurality", seats: 1, tie_break: "open" } },
  chair: { title: text("Chair of the choir", "Староста хора", "رئيس الجوقة"), options: [option("ines", "Ines", "Инес", "إينس"), option("jan", "Jan", "Ян", "يان")], star: { max: 5 }, count: { method: "star", seats: 1, tie_break: "lot" } },
  fund: { title: text("City fund", "Городской фонд", "صندوق المدينة"), options: [option("play", "Playground", "Площадка", "ملعب"), option("pond", "Pond", "Пруд", "بركة")], quadratic: { credits: 16, against: true } },
  lists: {
    title: text("District council", "Совет округа", "مجلس الدائرة"),
    groups: [{ id: "list-hill", name: text("List Hill", "Список Холм", "قائمة التل") }, { id: "list-lake", name: text("List Lake", "Список Озеро", "قائمة البحيرة") }],
    options: [option("tim", "Tim Gram", "Тим Грам", "تيم غرام", { max: 2, groups: ["list-hill"] }), option("uma", "Uma Hein", "Ума Хайн", "أوما هاين", { groups: ["list-hill"] }), option("vera", "Vera Isak", "Вера Исак", "فيرا إساك", { groups: ["list-lake"] })],
    lists: { lines: 3, each: 2, none: true },
    count: { method: "lists", divisor: "sainte-lague", seats: 2, tie_break: "lot" },
  },
  party: { title: text("Primary", "Предварительные выборы", "الانتخاب التمهيدي"), options: [option("orange", "Orange", "Оранжевые", "البرتقاليون"), option("violet", "Violet", "Фиолетовые", "البنفسجيون")], choose: { min: 0, max: 1 } },
  nominee: { title: text("Candidate of Orange", "Кандидат Оранжевых", "مرشح البرتقاليين"), options: [option("nils", "Nils Arp", "Нильс Арп", "نيلز آرب"), option("olga", "Olga Bär", "Ольга Бер", "أولغا بير")], choose: { min: 0, max: 1 }, with: "party:orange" },
  budget: { title: text("Budget of the quarter", "Бюджет квартала", "ميزانية الحي"), options: [option("well", "Well", "Колодец", "بئر"), option("trees", "Trees", "Деревья", "أشجار"), option("racks", "Bicycle racks", "Велостоянки", "مواقف الدراجات")], choose: { min: 0, max: 3 }, limits: [{ of: ["well", "trees", "racks"], cost: [6000, 3000, 2000], max: 9000 }] },
  reserve: { title: text("Reserve in roubles", "Резерв в рублях", "الاحتياطي بالروبل"), options: [option("roof", "Roof", "Крыша", "السقف", { max: 100000 }), option("lift", "Lift", "Лифт", "المصعد", { max: 100000 })], choose: { min: 0, max: 100000 } },
  merger: { title: text("Shares: shall we merge?", "Доли: объединяться ли?", "الأسهم: هل نندمج؟"), options: [option("yes", "Yes", "Да", "نعم"), option("no", "No", "Нет", "لا")], split: { most: 1000 } },
};

/** On all ballots, and by district. */
const EVERYWHERE = ["mayor", "parks", "roads", "council", "square", "survey"];
export const BALLOTS = {
  north: [...EVERYWHERE, "chef", "site", "song"],
  river: [...EVERYWHERE, "chair", "fund", "lists"],
  hill: [...EVERYWHERE, "party", "nominee", "budget", "reserve", "merger"],
};

export function manifest({ operator, trustees, log }) {
  const districts = [["north", text("North", "Север", "الشمال")], ["river", text("River side", "Приречье", "ضفة النهر")], ["hill", text("Hill", "Холм", "التل")]];
  return {
    version: 1,
    id: "city-2031",
    languages: ["en", "ru", "ar"],
    title: text("City election 2031", "Городские выборы 2031", "انتخابات المدينة 2031"),
    operator,
    trustees,
    threshold: 2,
    minimum_cell: 1,
    ballots_per_voter: 4,
    log: { key: log },
    districts: districts.map(([id, name]) => ({ id, name })),
    stations: districts.map(([id, name]) => ({ id: `${id}-1`, name: text(`${name.en}, school`, `${name.ru}, школа`, `${name.ar}، المدرسة`), district: id })),
    contests: Object.entries(CONTESTS).map(([id, contest]) => ({ id, ...contest })),
    styles: Object.entries(BALLOTS).map(([id, contests]) => ({ id, district: id, contests: Object.keys(CONTESTS).filter((contest) => contests.includes(contest)) })),
  };
}
