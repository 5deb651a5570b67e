"""Words that grounding knows: function words, abbreviations, months, units, currencies, irregular plurals."""

from collections.abc import Mapping


def _table(lines: str) -> Mapping[str, str]:
    """Read ``name: form, form`` lines; a form leads to its name."""
    table: dict[str, str] = {}
    for line in lines.strip().splitlines():
        name, _, forms = line.strip().partition(": ")
        for form in forms.split(", "):
            table[form] = name
    return table


# One of these may stand for another.
ARTICLES = frozenset("a an the this that these those".split())
# What may be dropped or added without a change of meaning. Negations, modal verbs, quantities, degrees and whatever
# says where or when (after, below, without) count as content.
LINKS = frozenset("of in on at by for with from to into onto upon as and or but nor".split())
FUNCTION_WORDS = LINKS | set(
    "a an the this that these those "
    "me my mine we us our ours you your yours he him his she her hers it its they them their theirs "
    "himself herself itself themselves who whom whose which there "
    "am is are was were be been being has have had having do does did".split()
)

NEGATIONS = frozenset(
    "not no never without hardly barely scarcely neither cannot isn't wasn't aren't weren't hasn't haven't hadn't "
    "don't doesn't didn't can't couldn't won't wouldn't shouldn't mustn't needn't ain't".split()
)
# Content words that stand in the place of a link and mean something else.
RELATIONS = NEGATIONS | frozenset(
    "against before after until till since except despite under over above below beyond outside inside near "
    "behind off".split()
)

# A span of text is one passage; these stand for the words behind them, and the full stop ends no sentence.
ABBREVIATIONS = _table(
    """
    doctor: dr, doktor
    mister: mr
    mrs: mrs
    ms: ms
    phd: phd
    professor: prof
    saint: st, sankt
    madame: mme
    number: no, nr
    mount: mt
    junior: jr
    senior: sr
    governor: gov
    general: gen
    senator: sen
    captain: capt
    lieutenant: lt
    colonel: col
    sergeant: sgt
    reverend: rev
    honourable: hon
    president: pres
    department: dept
    university: univ
    institute: inst
    association: assn, assoc
    brothers: bros
    company: co
    corporation: corp
    incorporated: inc
    limited: ltd
    government: govt
    international: intl
    national: natl
    versus: vs
    approximately: approx
    circa: ca
    volume: vol
    figure: fig
    chapter: chap
    maximum: max
    minimum: min
    average: avg
    avenue: ave
    boulevard: blvd
    mountain: mtn
    """
)
# Titles that mostly stand without a full stop in British English; the others are abbreviations only with one.
BARE_ABBREVIATIONS = frozenset(
    "dr mr mrs ms phd sgt rev st mt sankt doktor mme jr sr prof vs dept univ govt ltd inc corp approx".split()
)
# Max. Smith is a man.
SMALL_ABBREVIATIONS = frozenset("max min avg approx ca".split())
STATES = _table(
    """
    us: united states of america, united states, usa
    uk: united kingdom
    eu: european union
    uae: united arab emirates
    """
)


def _turned(*tables: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Give the forms that lead to each name."""
    turned: dict[str, tuple[str, ...]] = {}
    for form, name in (pair for table in tables for pair in table.items()):
        turned[name] = (*turned.get(name, ()), form)
    return turned


SHORT_FORMS = _turned(ABBREVIATIONS, STATES)

IRREGULAR = _table(
    """
    man: men
    woman: women
    child: children
    foot: feet
    tooth: teeth
    goose: geese
    mouse: mice
    ox: oxen
    life: lives
    wife: wives
    knife: knives
    leaf: leaves
    wolf: wolves
    half: halves
    gas: gases, gasses
    lens: lenses
    bus: buses, busses
    quiz: quizzes
    matrix: matrices
    index: indices
    person: people
    loaf: loaves
    calf: calves
    thief: thieves
    shelf: shelves
    crisis: crises
    analysis: analyses
    basis: bases
    hypothesis: hypotheses
    thesis: theses
    diagnosis: diagnoses
    phenomenon: phenomena
    criterion: criteria
    bacterium: bacteria
    curriculum: curricula
    fungus: fungi
    nucleus: nuclei
    larva: larvae
    vertebra: vertebrae
    """
)

_MONTHS = """
    january jan januar jänner janvier enero gennaio janeiro januari января يناير जनवरी ינואר ιανουαρίου
    february feb februar février febrero febbraio fevereiro februari февраля فبراير फ़रवरी फरवरी פברואר φεβρουαρίου
    march mar märz mars marzo março maart марта مارس मार्च מרץ μαρτίου
    april apr avril abril aprile апреля أبريل ابريل अप्रैल אפריל απριλίου
    may mai mayo maggio maio mei мая مايو मई מאי μαΐου
    june jun juni juin junio giugno junho июня يونيو जून יוני ιουνίου
    july jul juli juillet julio luglio julho июля يوليو जुलाई יולי ιουλίου
    august aug août agosto augustus августа أغسطس اغسطس अगस्त אוגוסט αυγούστου
    september sept sep septembre septiembre settembre setembro сентября سبتمبر सितंबर ספטמבר σεπτεμβρίου
    october oct oktober octobre octubre ottobre outubro октября أكتوبر اكتوبر अक्टूबर אוקטובר οκτωβρίου
    november nov novembre noviembre novembro ноября نوفمبر नवंबर נובמבר νοεμβρίου
    december dec dezember décembre diciembre dicembre dezembro декабря ديسمبر दिसंबर דצמבר δεκεμβρίου
"""
MONTHS = {name: number for number, names in enumerate(_MONTHS.strip().splitlines(), 1) for name in names.split()}

# Behind a number only. What case alone tells apart (mW, MW) is not here, since case is not compared.
_UNITS = _table(
    """
    %: %, ٪, percent, per cent, pct, prozent, pour cent, por ciento, per cento, процент, процента, процентов
    pp: percentage point, percentage points, percent points
    km: km, kms, kilometer, kilometers, kilometre, kilometres, километр, километра, километров, км
    km: kilomètre, kilomètres, kilómetros, chilometri, كم, كيلومتر, كيلومترات, キロメートル, キロ
    m: m, meter, meters, metre, metres, м, метр, метра, метров, mètre, mètres, metros, metri, متر, メートル
    cm: cm, centimeter, centimeters, centimetre, centimetres, см, centimètres
    mm: mm, millimeter, millimeters, millimetre, millimetres
    nm: nm, nanometer, nanometers, nanometre, nanometres
    mile: mi, mile, miles
    foot: ft, foot, feet
    inch: inch, inches
    yard: yd, yds, yard, yards
    km2: km2, km^2, sq km, square kilometer, square kilometers, square kilometre, square kilometres
    m2: m2, m^2, sq m, square meter, square meters, square metre, square metres
    m3: m3, m^3, cubic meter, cubic meters, cubic metre, cubic metres
    sqmi: sq mi, square mile, square miles
    sqft: sq ft, square foot, square feet
    ha: ha, hectare, hectares
    acre: acre, acres
    kg: kg, kgs, kilo, kilos, kilogram, kilograms, kilogramme, kilogrammes, кг, килограмм, килограммов, キログラム, كغ
    g: g, gram, grams, gramme, grammes, г, грамм, граммов, grammi, gramos
    mg: mg, milligram, milligrams
    ug: μg, mcg, microgram, micrograms
    t: t, tonne, tonnes, metric ton, metric tons, тонн, тонны, т
    ton: ton, tons
    tbsp: tbsp, tablespoon, tablespoons
    tsp: tsp, teaspoon, teaspoons
    cup: cup, cups
    kn: kn, kilonewton, kilonewtons
    lb: lb, lbs
    oz: oz, ounce, ounces
    l: l, liter, liters, litre, litres, л, литр, литров, litri, litros
    ml: ml, milliliter, milliliters, millilitre, millilitres
    gallon: gal, gallon, gallons
    s: s, sec, secs, second, seconds
    ms: ms, millisecond, milliseconds
    min: min, mins, minute, minutes
    h: h, hr, hrs, hour, hours
    d: day, days
    week: wk, wks, week, weeks
    month: month, months
    year: yr, yrs, year, years
    km/h: km/h, kph, kmh, kilometers per hour, kilometres per hour, kilometers an hour, kilometres an hour
    km/h: км/ч, км/час, километров в час, stundenkilometer, km h
    mph: mph, miles per hour, miles an hour
    m/s: m/s, meters per second, metres per second
    °c: °c, ° c, degrees celsius, degree celsius, degrees c, celsius
    °f: °f, ° f, degrees fahrenheit, degree fahrenheit, degrees f, fahrenheit
    °: °, degree, degrees
    k: kelvin, kelvins
    hz: hz, hertz
    khz: khz, kilohertz
    ghz: ghz, gigahertz
    kwh: kwh, kilowatt hour, kilowatt hours
    kw: kw, kilowatt, kilowatts
    w: w, watt, watts
    v: v, volt, volts
    kcal: kcal, kilocalorie, kilocalories
    hpa: hpa, hectopascal, hectopascals
    kpa: kpa, kilopascal, kilopascals
    kb: kb, kilobyte, kilobytes
    megabyte: megabyte, megabytes, mb
    gb: gb, gigabyte, gigabytes
    tb: tb, terabyte, terabytes
    am: am, a.m., a.m
    pm: pm, p.m., p.m
    """
)
_CURRENCIES = _table(
    """
    $: $, us$, usd, dollar, dollars, us dollar, us dollars, u.s. dollars
    €: €, eur, euro, euros
    £: £, gbp, pounds sterling
    a$: a$, au$, aud, australian dollars
    hk$: hk$
    nt$: nt$
    s$: s$
    nz$: nz$
    r$: r$
    c$: c$, ca$, cad, canadian dollars
    ¥: ¥, jpy, yen, 円
    元: cny, rmb, yuan, renminbi, 元, 人民币
    ₹: ₹, inr, rupee, rupees
    ₩: ₩, krw, 원
    ₽: ₽, rub, rouble, roubles, ruble, rubles, рубль, рубля, рублей
    ₪: ₪, ils, shekel, shekels
    ₺: ₺, lira
    ₫: ₫, vnd, dong
    fr: chf, swiss franc, swiss francs
    cent: ¢, cent, cents
    """
)
# `pounds` is money and weight; what it is beside decides which.
UNITS: Mapping[str, frozenset[str]] = (
    {form: frozenset({name}) for form, name in _UNITS.items()}
    | {form: frozenset({name}) for form, name in _CURRENCIES.items()}
    | dict.fromkeys(("pound", "pounds"), frozenset({"£", "lb"}))
)
# Units that another case makes another unit, or none: 5G, 1.5 T, 100 Mb, 20 kn.
CASED_UNITS = {
    "t": ("t",),
    "s": ("s",),
    "g": ("g",),
    "h": ("h",),
    "m": ("m",),
    "w": ("W",),
    "v": ("V",),
    "kn": ("kN",),
    "mb": ("MB",),
    "gb": ("GB",),
    "kb": ("kB", "KB"),
    "tb": ("TB",),
}
# What may stand before an amount.
PREFIXES = frozenset(form for form in _CURRENCIES if not form.isalpha() or len(form) == 3) - {"yen"}
