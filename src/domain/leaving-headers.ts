// Headers that may say who has left, in words that nobody can be sure of: for a question where no column says it for certain,
// never for a reading. Unread, everybody in such a roster would work.

import { HEADER_MAX_CHARACTERS, isOfAnother, plainWords } from "./header-words.ts";

export type LeavingField = "status" | "endDate";

/** What a column would say: how somebody stands. */
const STATUS =
  /status\b|\b(statut|estado|estatus|stato|situacion|situacao|situation)\b|\b(emp|empl|employee|hr) (stat|state)\b|\betat (du |de l )?(salarie|employe|collaborateur)/;

/** French; without its accent it is Polish for a post. */
const STATE = /(?<!\p{L})états?(?!\p{L})/iu;

/** `Active Staff`, `Employed`: yes would say that somebody works. */
const WORKING = [
  /^(active?|aktiv|actif|activo|ativo|attivo|actief|aktywny) (or )?(inactive?|inaktiv|inactif|inactivo|inativo|inattivo|inactief|nieaktywny)$/,
  /^(in (forza|servizio)|zatrudnion[ya]|pracuje|anstalld|vigente|tatig|mitarbeiter aktiv|aktive[rs]? mitarbeiter)$/,
  /^(is |currently |still )?(active|employed|working|present|actif|aktiv|activo|ativo|attivo|actief|aktywn[ay]|in ?dienst|en poste|presente?)( (y n|yes no|j n|ja nein|o n|oui non|s n|flag))?$/,
  /\b(active|aktive[r]?) (employees?|staff|workers?|persons?|members?|associates?|records?|mitarbeiter|in hr|payroll)\b/,
  /\b(employees?|staff|workers?|persons?|members?|associates?|records?) active\b/,
];

/** That somebody has left, or the day on which they did. Without accents, as whole words. */
const LEAVING = [
  /^(is )?(end|ended|ended on|ends on|former|gone|alumn\w*|last date|finish date|date finished|stop date|ende)$|\b(ceased|cessation|deceased|fired|fire date|date of (death|term)|d ?o ?l|(disabled|deleted|archived) (on|at|date)|(placement|fixed term) end)\b/,
  /\b(terminat\w*|termed|separat(ion|ed)|dismiss\w*|resign(ed|ation)?|retire[ds]?|retirement|inactiv\w*|deactivat\w*|leaver\w*|leaving|departed|departure|exit(ed|s)?|off ?board\w*|quit|redundan\w*|laid off|layoff|no longer|lwd|former (employee|staff|worker|member)|ex (employee|staff|worker))\b/,
  /^(has |date )?left\b(?! hand)|\bleft (on|at|date|company|the|organi[sz]ation)\b/,
  /\b(employment|contract|service|assignment|engagement|appointment|job|position|tenure) (end|ends|ended|until|to|expir\w*)\b|\bend (date )?of (the )?(employment|contract|service|assignment|engagement|tenure)\b/,
  /\blast (working |work )?day\b|\blast date (worked|of work)\b/,
  /austritt|ausgeschied|ausscheid|ausgetret|kundig|kuendig|gekund|gekuend|entlass|\babgang|vertragsende|vertrag bis|inaktiv|ehemalig|letzter? (arbeits)?tag|befrist\w* (bis|ende)|befristungsende|\b(tatig|im unternehmen) bis\b|trennungsdatum|\baustr\b|(beschaftigung|arbeitsverhaltnis|dienstverhaltnis|anstellung)s?(es)? ?(ende|bis)/,
  /\b(sorti(e|s|es)?|fin (de |du )?contrat|fin d emploi|inactif|demission\w*|licenci(e|ement|ements)|radie|date (de )?depart|parti|rupture|dernier jour|quitte|ancien (salarie|collaborateur|employe)|date fin)\b/,
  /\b(baja|cese|cesado|despido|despedido|renuncia|egreso|salida|retiro|desvincula\w*|(fin|termino|vencimiento) (de |del )?contrato|jubilacion|finiquito|ultimo dia|fecha (de )?termino)\b/,
  /\b(desligad[oa]|desligamento|demissao|demitid[oa]|rescisao|saida|inativ[oa]|aposentad\w*|data (de |do )?termino|fim (de |do )?contrato)\b/,
  /\buit ?dienst\w*|\b(einde|eind ?datum) (contract|dienst\w*|arbeids\w*)|\b(contract|dienstverband) ?(eind\w*|tot)\b|\bvertrek(datum)?\b|\bontsl(ag\w*|agen)\b|\binactief\b|\bvertrokken\b|\blaatste (werk)?dag\b/,
  /\b(cessa(to|ta|zione)|dimess[oa]|dimissioni?|licenziat[oa]|licenziamento|uscita|fine (del )?(rapporto|contratto)|scadenza contratto|pensionamento|data (termine|cess)|ultimo giorno|inattiv[oa])\b/,
  /\b(zwolnien\w*|zwolnion\w*|odejsci\w*|odszedl|rozwiazani\w*|nieaktywn\w*|wypowiedzeni\w*|(umowa|zatrudnion[ya]) do|ustani\w*|(koniec|konca|zakonczeni\w*) (umowy|zatrudnienia|pracy))\b/,
  /\b(slutat|slutar|slutade|slutdag|avslut\w*|avgang\w*|uppsagd|uppsagning\w*|sista \w*dag|anstalln\w* (slut|till|upphor\w*))\b/,
];

/** Of leaving in some exports, of an absence in others. */
const LEAVE_DATE = /^(leave date|date of leave)$/;

/** French, but in English an abbreviation of department. */
const DEPARTURE = /(?<!\p{L})départs?(?!\p{L})/iu;

/** Of something else about a person: their private life, rights, duties, pay and papers ... */
const PRIVATE_LIFE =
  /\b(marital|civil[es]?|cywiln\w*|burgerlijke|famil\w*|single|married|visa|immigra\w*|migrator\w*|work (permit|authori[sz]ation|eligib\w*)|permit|permis|green ?card|i ?9|e ?verif\w*|citizen\w*|residen\w*|nationality|militar\w*|military|veteran|reservist|disabilit\w*|handicap\w*|vaccin\w*|impf\w*|covid|immuni[sz]\w*|medical|health|smok\w*|tobacco|ethnic\w*|gender|student|school|degree|education|religio\w*|housing|relocation|birth\w*|geburt\w*|geboorte\w*|naissance|nacimiento|nascimento|nascita|urodzenia|fodelse\w*|origen|origem|salud|saude|estero)\b|civilstand|familien|vaccinal|impfstatus/;
const PAY =
  /\b(flsa|exempt|non ?exempt|overtime|tax\w*|steuer\w*|fiscal|filing|withholding|w ?[24]|union|syndic\w*|sindic\w*|benefit\w*|eligib\w*|enrol\w*|insurance|cobra|aca|medicare|pension|401 ?k?|plan|scheme|fund|fondos?|podatk\w*|cadre|contributions?|caisse|retirement (age|account|savings?|percent|match)|period|payment|deposit|garnish\w*|salary|bonus|loan|bank|lease)\b/;

/** ... an account, a thing, a task or a check ... */
const THINGS =
  /\b(e ?mail\w*|mail\w*|courriel|correo|invit\w*|log ?in|password|mfa|2fa|sso|licen[cs]e|certif\w*|training|course|learning|compliance|(pre|on) ?boarding|background|screening|clearance|security|badge|card|key|device|laptop|asset|equipment|phone|mobile|vehicle|parking|review|appraisal|performance|goals?|survey|rating|interview\w*|offer|applica\w*|requisition|recruit\w*|hiring|document\w*|approv\w*|workflow|request|task|ticket|sync\w*|import|export|upload|verif\w*|check|sign(ed|ature)|directory|project\w*|client|customer|vendor|supplier|employer|backup|building)\b/;

/** ... an absence, hours, a trial, a notice ... */
const TIMES =
  /\b(leave|vacation|holidays?|urlaub\w*|absen\w*|conges?|ferie|vacaciones|sick|krank\w*|medica|medico|maternal|verlof|urlop\w*|semester|pto|time ?(off|sheet)?|attendance|shift|schedule|hours?|hora|ora|pausa|comer|comida|almuerzo|point|orario|heures?|weekend|full|part ?time|fte|ft|pt|remote|hybrid|telework|probation\w*|probe\w*|proef\w*|proba|prova|prueba|trial|essai|probn\w*|provanst\w*|confirm\w*|notice (period|days|weeks|months)|kundigungsfrist|kuendigungsfrist|preavis|opzeg\w*|okres|uppsagningstid|lekarski\w*|days left|seit|since|sinds|desde|depuis)\b|\bzeit\b/;

/** ... and what is about a status, without being one. */
const ABOUT =
  /\b(status (effective |change |start )?(date|since|changed?|comments?|notes?|history)|(date|comments?|notes?|history) of status|reasons?|because|why|grund|\w+grund|motif\w*|motiv\w*|motivos?|causa|cause|reden|powod|orsak|\w+orsak|comments?|notes?)\b/;

const ELSE = [PRIVATE_LIFE, PAY, THINGS, TIMES, ABOUT];

/** Beside one of these, Estado and Stato are a part of an address. */
const ADDRESS =
  /\b(ciudad|cidade|municipio|codigo postal|cep|cp|direccion|endereco|colonia|bairro|pais|calle|rua|logradouro|uf|citta|cap|provincia|indirizzo|comune|via|city|zip|zip code|postal code|country|address|street|ville|adresse|pays|code postal)\b/;
const MAY_BE_ADDRESS = /^(estado|stato|etat)$/;

/** What a header that nothing is known of may say of who has left; null: nothing. `header`: all of them, as some tell what another one means. */
export function mayTellWhoLeft(text: string, header: readonly string[]): LeavingField | null {
  if (text.length > HEADER_MAX_CHARACTERS) return null;
  const words = plainWords(text).trim();
  if (words === "" || words.length > LONGEST) return null;
  if (LEAVE_DATE.test(words)) return "endDate";
  if (isAboutSomethingElse(text)) return null;
  if (STATUS.test(words) || STATE.test(text.normalize("NFC"))) {
    const isAddress = MAY_BE_ADDRESS.test(words) && header.some((other) => ADDRESS.test(plainWords(other)));
    return isAddress ? null : "status";
  }
  if (WORKING.some((pattern) => pattern.test(words))) return "status";
  if (DEPARTURE.test(text.normalize("NFC")) || LEAVING.some((pattern) => pattern.test(words))) return "endDate";
  return null;
}

/** Nobody's header for a column that says it. */
const LONGEST = 100;

/** Whether a header is of a status or an end, but not of the employment's: also of one that is nearly spelt as such. */
export function isAboutSomethingElse(text: string): boolean {
  if (text.length > HEADER_MAX_CHARACTERS) return true;
  const words = plainWords(text);
  return isOfAnother(words) || ELSE.some((pattern) => pattern.test(words));
}

const BEGINNING =
  /\b(start\w*|begin\w*|hire[ds]?|effective date|ingreso|alta|inicio|admiss\w*|contratacion|assunzione|inizio|indienst\w*|datum in dienst|in dienst (per|sinds|vanaf|op|datum)|eintritt\w*|embauche|entree|data (zatrudnienia|rozpocz\w*)|anstallningsdatum)\b|^employ(ment|ed) date$|^date (of )?employ(ment|ed)$/;

/** Whether a header is of the day on which somebody started: in some languages that is nearly spelt as the day on which one left. */
export function isBeginning(text: string): boolean {
  return text.length <= HEADER_MAX_CHARACTERS && BEGINNING.test(plainWords(text));
}
