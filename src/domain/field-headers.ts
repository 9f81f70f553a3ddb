// Which headers mean which field (hr-exports.md, "Names that mean the same"). Knowledge only: how headers are compared is
// header-words.ts, choosing among candidates is mapping.ts.

import type { Field } from "./employee.ts";

/** One strength of evidence: headers on an earlier line win over headers on a later one. */
export type Ranks = readonly (readonly string[])[];

export const WORDS: Readonly<Record<Field, Ranks>> = {
  employeeId: [
    [
      ..."Employee ID|Employee #|Employee Number|Employee No|EmployeeNum|Empl ID|Emp ID|EID|Associate ID|Person Number".split(
        "|",
      ),
      ..."Person ID External|EMPID|Worker ID|Staff ID|Personnel Number|Personalnummer|Personeelsnummer|Matricule".split(
        "|",
      ),
      ..."Personalnr|PersNr|Mitarbeiternummer|Mitarbeiternr|Mitarbeiter-ID|Personeelsnr|Medewerkernummer".split("|"),
      ..."Número de empleado|Legajo|Número de legajo|Matricola|Numero di matricola|Numéro de matricule".split("|"),
    ],
    "USERID|File Number|registration_reference|Emp No|Emp Nr|PERNR".split("|"),
    [
      ..."Staff Number|Staff No|Employee Code|Emp Code|Emp Number|Empl No|Employee Identifier|Personnel No".split("|"),
      ..."Personnel ID|Worker Number|Associate Number|Colleague Number|Payroll Number|Payroll No|Payroll ID".split("|"),
      ..."MA-Nr|MA-Nummer|Stammnummer|Matricule salarié|Matricule employé|N° matricule".split("|"),
      ..."Numéro matricule|Numéro employé|Numéro d'employé|Numéro salarié|Numéro de salarié|N° employé|N° salarié".split(
        "|",
      ),
      ..."ID employé|ID salarié|Identifiant salarié|Identifiant employé|Code salarié|Code employé".split("|"),
      ..."Número empleado|Núm. empleado|Núm. de empleado|Nº empleado|Nº de empleado|N° empleado|N° de empleado".split(
        "|",
      ),
      ..."ID empleado|ID de empleado|Código empleado|Código de empleado|Clave de empleado|Número de personal".split(
        "|",
      ),
      ..."Nº legajo|Nº de legajo|N° legajo|N° de legajo|Matrícula|Número de matrícula|Nº matrícula|N° matrícula".split(
        "|",
      ),
      ..."Número do funcionário|Número de funcionário|Nº funcionário|Nº do funcionário|N° funcionário".split("|"),
      ..."Número de colaborador|Nº colaborador|ID do funcionário|ID funcionário|ID do colaborador".split("|"),
      ..."Código do funcionário|Código funcionário|Código do colaborador|Número mecanográfico|Nº mecanográfico".split(
        "|",
      ),
      ..."Numero matricola|N. matricola|Nr. matricola|N° matricola|Matricola dipendente|Codice dipendente".split("|"),
      ..."Cod. dipendente|ID dipendente|Numero dipendente|Personeels-ID|Medewerker ID|Medewerkernr".split("|"),
      ..."Medewerkersnummer|Medewerkercode|Werknemernummer|Werknemersnummer|Werknemer-ID".split("|"),
      ..."Numer pracownika|Nr pracownika|ID pracownika|Identyfikator pracownika|Numer ewidencyjny|Nr ewidencyjny".split(
        "|",
      ),
      ..."Numer kadrowy|Nr kadrowy|Numer personalny|Nr personalny|Anställningsnummer|Anställningsnr".split("|"),
      ..."Anstnr|Anst. nummer|Anställnings-ID|Anställd-ID|Medarbetarnummer|Medarbetar-ID".split("|"),
    ],
  ],
  email: [
    [
      ..."Work Email|Work E-mail Address|Work Email Address|Work Contact: Work Email|Email - Work|primaryWorkEmail".split(
        "|",
      ),
      ..."Business Email|Business Email Address|EmailBusiness|Company Email|Corporate Email|E-Mail geschäftlich".split(
        "|",
      ),
    ],
    "Office Email|Work Mail|Job Email".split("|"),
    [
      ..."Official Email|Official Email ID|Work Email ID|Company Email Address|Corporate Email Address".split("|"),
      ..."E-Mail dienstlich|E-Mail-Adresse dienstlich|Dienstliche E-Mail|Dienstliche E-Mail-Adresse|Dienst-E-Mail".split(
        "|",
      ),
      ..."Geschäftliche E-Mail|Geschäftliche E-Mail-Adresse|E-Mail-Adresse geschäftlich|Firmen-E-Mail|E-Mail Firma".split(
        "|",
      ),
      ..."E-Mail Arbeit|Email professionnel|Adresse e-mail professionnelle|Adresse mail professionnelle".split("|"),
      ..."Adresse électronique professionnelle|Courriel professionnel|Mail professionnel|Email pro|Mail pro".split("|"),
      ..."E-mail corporativo|Correo corporativo|Correo electrónico corporativo|Correo de trabajo|Correo laboral".split(
        "|",
      ),
      ..."Correo electrónico laboral|Correo electrónico de trabajo|Correo de empresa|Correo empresarial".split("|"),
      ..."E-mail profissional|E-mail da empresa|E-mail de trabalho|E-mail aziendale|Mail aziendale".split("|"),
      ..."Indirizzo e-mail aziendale|E-mail di lavoro|E-mail lavoro|Posta elettronica aziendale".split("|"),
      ..."E-mail służbowy|Służbowy e-mail|Adres e-mail służbowy|Służbowy adres e-mail|E-mail firmowy".split("|"),
      ..."Firmowy e-mail|Firmowy adres e-mail|E-post arbete|E-post jobb|Jobb e-post|Jobbmail|Arbetsmail".split("|"),
      ..."Zakelijk e-mailadres|Zakelijke e-mail|E-mail zakelijk|E-mailadres zakelijk|Zakelijk mailadres".split("|"),
      ..."E-mail werk|E-mailadres werk|Werk e-mail|Werkmail".split("|"),
    ],
    "Email|Email Address|Primary Email|mail|Courriel|E-Mail-Adresse|Adresse e-mail|Correo electrónico|E-mailadres".split(
      "|",
    ),
    [
      ..."Email ID|E-Mailadresse|Mailadresse|Mail-Adresse|Adresse mail|Adresse électronique|Correo".split("|"),
      ..."Dirección de correo|Dirección de correo electrónico|Endereço de e-mail|Indirizzo e-mail".split("|"),
      ..."Posta elettronica|Adres e-mail|E-post|E-postadress|Mailadres".split("|"),
    ],
    ["userPrincipalName"],
  ],
  firstName: [
    "First Name|FName|Given Name|Forename|Vorname|Voornaam|Prénom".split("|"),
    ["Legal First Name", "Legal_Name_-_First_Name"],
    ["Preferred First Name"],
    ["First", "VORNA"],
    [
      ..."First Names|Given Names|Forenames|Vornamen|Rufname|Prénoms|Prénom usuel|Voornamen|Roepnaam".split("|"),
      ..."Nombres|Nombre de pila|Primer nombre|Primeiro nome|Nome próprio|Imię|Imiona|Förnamn|Tilltalsnamn".split("|"),
    ],
  ],
  lastName: [
    "Last Name|LName|Surname|sn|Family Name|Nachname|Achternaam|Nom|Nom de famille".split("|"),
    ["Legal Last Name", "Legal_Name_-_Last_Name"],
    ["Last", "NACHN"],
    [
      ..."Last Names|Surnames|Familienname|Zuname|Nom d'usage|Nom usuel|Familienaam|Apellidos|Apellido".split("|"),
      ..."Sobrenome|Sobrenomes|Último nome|Cognome|Cognomi|Nazwisko|Efternamn".split("|"),
    ],
    ["Primer apellido", "Apellido paterno", "Apellido 1"],
  ],
  lastNamePrefix: [
    ..."Tussenvoegsel|Tussenvoegsels|Voorvoegsel|Voorvoegsels|Last Name Prefix|Surname Prefix|Namensvorsatz|Vorsatzwort".split(
      "|",
    ),
  ].map((word) => [word]),
  fullName: [
    ["Last Name, First Name", "Lastname, Firstname", "Nachname, Vorname"],
    ["Full Name", "Employee Name", "Payroll Name", "Worker Name", "Display Name"],
    ["Worker", "Name"],
    ["Employee"],
    [
      ..."Employee Full Name|Vollständiger Name|Vor- und Nachname|Vorname und Nachname|Vorname Nachname".split("|"),
      ..."Nom complet|Prénom et nom|Prénom Nom|Volledige naam|Voor- en achternaam|Voornaam en achternaam".split("|"),
      ..."Nome completo|Nome e cognome|Nome e sobrenome|Imię i nazwisko|Fullständigt namn".split("|"),
      ..."För- och efternamn|Förnamn och efternamn".split("|"),
    ],
  ],
  role: [["Tallyfy Role"]],
  timeZone: [["Timezone", "tz", "Zeitzone", "Fuseau horaire"]],
  status: [
    [
      ..."Status|Active|Is Active|Active Status|Employment Status|Employee Status|Position Status".split("|"),
      ..."Assignment Status|Worker Status|Statut".split("|"),
    ],
    [
      ..."Emp Status|Empl Status|HR Status|Employee Status Code|Employment Status Code|Status Code|Status Description".split(
        "|",
      ),
      ..."Active Flag|Active Y/N|Is Current|Current Employee|Currently Employed|Estado laboral|Stato dipendente|Aktiv|Actief|Actif|Activo".split(
        "|",
      ),
    ],
    [
      ..."accountEnabled|Account Enabled|Account Status|User Status|Enabled".split("|"),
      ..."Payroll Status|Person Status|Associate Status|Staff Status|Personnel Status|Colleague Status".split("|"),
      ..."Team Member Status|Assignment Status Type|Lifecycle Status|Current Employment Status|Current Employee Status".split(
        "|",
      ),
      ..."Employment Status Name|Employee Status Name|Employment Status Description|Employee Status Description".split(
        "|",
      ),
      ..."Is Employed|Is Currently Employed|Still Employed|Is Still Employed|Is Working|Still Active|Currently Active".split(
        "|",
      ),
      ..."Active Employee|Is Active Employee|Employee Active|Active User|User Active|Active Indicator|Is Enabled".split(
        "|",
      ),
      ..."Mitarbeiterstatus|Status Mitarbeiter|Beschäftigungsstatus|Beschaeftigungsstatus|Anstellungsstatus|Ist aktiv".split(
        "|",
      ),
      ..."Statut salarié|Statut du salarié|Statut employé|Statut de l'employé|Statut collaborateur|Est actif".split(
        "|",
      ),
      ..."Estado del empleado|Estado empleado|Estado de empleado|Estatus|Estatus laboral|Estatus del empleado".split(
        "|",
      ),
      ..."Está activo|Es activo|Situação funcional|Situação do colaborador|Situação do funcionário".split("|"),
      ..."Status do colaborador|Status do funcionário|Ativo|Está ativo|Attivo|Stato del dipendente".split("|"),
      ..."Status medewerker|Medewerkerstatus|Dienstverbandstatus|Is actief|Aktywny|Czy aktywny".split("|"),
      ..."Status pracownika|Status zatrudnienia|Anställningsstatus|Är aktiv".split("|"),
    ],
  ],
  startDate: [
    ["Most_Recent_Hire_Date", "Hire/Rehire Date"],
    "Start Date|Hire Date|Date of Hire|hired_on|Eintritt|Eintrittsdatum|Date d'entrée|Indiensttreding".split("|"),
    ["Original Hire Date"],
    [
      ..."Date Hired|Hired Date|Joining Date|Date of Joining|Date Joined|Employment Start Date|Einstellungsdatum".split(
        "|",
      ),
      ..."Date d'embauche|Fecha de ingreso|Data assunzione|Data di assunzione|Datum in dienst|Data zatrudnienia".split(
        "|",
      ),
      ..."Anställningsdatum|Data de admissão|Data admissão".split("|"),
    ],
    ["Fecha de alta"],
  ],
  endDate: [
    "Termination Date|Austritt|Austrittsdatum|Einddatum|Date de sortie|Last Day of Work".split("|"),
    ["End Date"],
    [
      ..."Term Date|Date of Termination|Leaving Date|Left Date|Date Left|Date of Leaving|Separation Date|Exit Date".split(
        "|",
      ),
      ..."Employment End Date|Effective End Date|Last Day|Last Working Day|Last Day Worked".split("|"),
      ..."Austritt am|Datum uit dienst|Uit dienst|Fecha de baja|Data cessazione|Fecha de salida".split("|"),
    ],
    [
      ..."Date Terminated|Terminated Date|Terminated On|Terminated At|Term Dt|Termination Dt|Actual Termination Date".split(
        "|",
      ),
      ..."Employment Termination Date|Termination Effective Date|Effective Termination Date|Date Termed|Termed Date".split(
        "|",
      ),
      ..."Termed On|End of Employment|End of Employment Date|Employment End|Employment Ended|Date Employment Ended".split(
        "|",
      ),
      ..."Emp End Date|Empl End Date|Employee End Date|Employed Until|Date of Exit|Exited On|Departure Date".split("|"),
      ..."Date of Departure|Left On|Left At|Left Company On|Left Company Date|Date Left Company|Leaver Date".split("|"),
      ..."Date Separated|Date of Separation|Separated On|Last Working Date|Last Work Day|Last Day of Employment".split(
        "|",
      ),
      ..."Last Date of Employment|Last Date Worked|Final Working Day|Relieving Date|Date of Relieving".split("|"),
      ..."Letzter Arbeitstag|Beschäftigt bis|Beschaeftigt bis|Angestellt bis|Datum Austritt|Datum des Austritts".split(
        "|",
      ),
      ..."Austritt zum|Austritt per|Austrittstag|Austrittstermin|Ausscheidedatum|Ausscheidungsdatum".split("|"),
      ..."Ausgeschieden am|Ausgetreten am|Ende der Beschäftigung|Ende Beschäftigung|Beschäftigungsende".split("|"),
      ..."Ende des Arbeitsverhältnisses|Ende Arbeitsverhältnis|Enddatum".split("|"),
      ..."Date de départ|Date départ|Date sortie|Date de sortie de l'entreprise|Date de fin|Date de fin d'emploi".split(
        "|",
      ),
      ..."Fin d'emploi|Dernier jour travaillé|Dernier jour de travail".split("|"),
      ..."Fecha fin|Fecha de fin|Fecha baja|Fecha salida|Fecha cese|Fecha de cese|Fecha egreso|Fecha de egreso".split(
        "|",
      ),
      ..."Fecha de terminación|Fecha de desvinculación|Último día trabajado|Último día de trabajo|Último día laboral".split(
        "|",
      ),
      ..."Data de demissão|Data da demissão|Data demissão|Data de desligamento|Data do desligamento".split("|"),
      ..."Data desligamento|Data de saída|Data da saída|Data saída|Data de rescisão|Data da rescisão|Data rescisão".split(
        "|",
      ),
      ..."Data de cessação|Data fim|Data de fim|Último dia de trabalho|Último dia trabalhado".split("|"),
      ..."Uitdienstdatum|Datum uitdienst|Uitdiensttreding|Datum uitdiensttreding|Uit dienst per|Datum einde".split("|"),
      ..."Einde dienstverband|Datum einde dienstverband|Einddatum dienstverband|Laatste werkdag".split("|"),
      ..."Data fine|Data di fine|Data fine rapporto|Data di fine rapporto|Fine rapporto|Data di cessazione".split("|"),
      ..."Data uscita|Data di uscita|Ultimo giorno di lavoro|Ultimo giorno lavorativo".split("|"),
      ..."Data zwolnienia|Data zakończenia|Data zakończenia pracy|Data zakończenia zatrudnienia".split("|"),
      ..."Data ustania zatrudnienia|Data rozwiązania umowy|Data odejścia|Koniec zatrudnienia|Ostatni dzień pracy".split(
        "|",
      ),
      ..."Slutdatum|Anställningens slutdatum|Slutdatum anställning|Avgångsdatum|Sista arbetsdag".split("|"),
      ..."Sista anställningsdag|Anställd till|Anställd t.o.m.".split("|"),
    ],
  ],
};

/**
 * Words for a name that are the first one beside such a surname. By themselves they may be the whole name, and nothing is taken
 * for it: nor is `Apelido`, which is a surname in Portugal and a nickname in Brazil.
 */
export const FIRST_BESIDE: readonly (readonly [first: string, surnames: readonly string[]])[] = [
  ["Nombre", ["Apellido", "Apellidos", "Primer apellido", "Apellido paterno", "Apellido 1"]],
  ["Nome", ["Sobrenome", "Sobrenomes", "Último nome", "Cognome", "Cognomi"]],
];

/** Status columns whose "yes" means that the person has left. */
export const INVERTED = [
  "Terminated",
  "Is Terminated",
  "Is Hidden",
  "Hidden",
  "Blocked",
  "Is Blocked",
  "Block sign in",
];

/** The same, of accounts and in other words: only where nothing above says it. */
export const INVERTED_OTHERWISE = [
  ..."Inactive|Is Inactive|Deactivated|Is Deactivated|Disabled|Is Disabled|Account Disabled|Suspended|Is Suspended".split(
    "|",
  ),
  ..."Archived|Is Archived|Deleted|Is Deleted|Leaver|Is Leaver|Left|Has Left|Left Company|Left the Company|Termed".split(
    "|",
  ),
  ..."Inaktiv|Ausgeschieden|Ausgetreten".split("|"),
  ..."Not Active|Is Not Active|Separated|Is Separated|Dismissed|Is Dismissed|No Longer Employed".split("|"),
  ..."No Longer With Company|No Longer With the Company|Term Flag|Termination Flag".split("|"),
  ..."Nicht aktiv|Nicht mehr beschäftigt|Inactif|Inactivo|Inactiva|Inativo|Inattivo|Inactief|Cessato".split("|"),
  ..."Nieaktywny|Zwolniony".split("|"),
];

/**
 * Headers of which nobody can be sure, so that no column is taken for them. One that the configuration names as a status all
 * the same asks whether somebody has left.
 */
export const INVERTED_WHERE_NAMED = [
  ..."Gone|Termination|Exit|Exited|Leaving|Departed|Departure|Separation|Resigned|Retired|Quit|Redundant|Offboarded".split(
    "|",
  ),
  ..."Former|Former Employee|Ex Employee|Left Employment|Voluntary Termination|Inactivated|Laid Off".split("|"),
  ..."Gekündigt|Gekuendigt|Entlassen|Austritt|Nicht mehr aktiv|Ehemalig|Ehemaliger Mitarbeiter".split("|"),
  ..."Sortie|Sorti|Départ|Parti|Démission|Démissionnaire|Licencié|Radié".split("|"),
  ..."Baja|De baja|Cese|Cesado|Despedido|Egreso|Salida|Desvinculado|Renuncia".split("|"),
  ..."Desligado|Desligamento|Demitido|Demissão|Saída|Rescisão".split("|"),
  ..."Uit dienst|Uitdienst|Vertrokken|Ontslagen|Ontslag|Dimesso|Dimissioni|Licenziato|Uscita".split("|"),
  ..."Zwolnienie|Odszedł|Slutat|Avslutad|Avgång|Uppsagd|Har slutat".split("|"),
];
