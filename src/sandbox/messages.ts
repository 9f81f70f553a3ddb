// The texts of errors in English and in French: clients must match on codes, never on text (tallyfy-api.md 3.1).

const MESSAGES = {
  accept: ["The Accept header must be application/json.", "L'en-tête Accept doit être application/json."],
  admin: ["Only an administrator may do this.", "Seul un administrateur peut faire cela."],
  body: ["The body is not valid JSON.", "Le corps n'est pas du JSON valide."],
  botDisable: ["Bot users can't be disabled.", "Les robots ne peuvent pas être désactivés."],
  botEdit: ["Bot users can't be edited.", "Les robots ne peuvent pas être modifiés."],
  client: ["Client authentication failed", "L'authentification du client a échoué"],
  defaultAdmin: [
    "You cannot modify the default administrator.",
    "L'administrateur par défaut ne peut pas être modifié.",
  ],
  domain: ["The domain of the e-mail is not valid.", "Le domaine de l'adresse n'est pas valide."],
  email: ["The e-mail must be a valid address.", "L'adresse doit être valide."],
  endpoint: ["The endpoint was not found.", "Le point d'accès est introuvable."],
  hourly: ["Too many requests this hour.", "Trop de requêtes pendant cette heure."],
  light: ["The selected role is not available.", "Le rôle choisi n'est pas disponible."],
  member: ["The user was not found.", "L'utilisateur est introuvable."],
  method: ["The method is not allowed.", "La méthode n'est pas autorisée."],
  nameDisallowed: ["This name is not allowed.", "Ce nom n'est pas autorisé."],
  nameLong: ["The name may not be longer than 32 characters.", "Le nom ne peut dépasser 32 caractères."],
  nameUrl: ["The name may not be a URL.", "Le nom ne peut être une URL."],
  notInOrg: ["The user is not in this organization.", "L'utilisateur n'est pas dans cette organisation."],
  organization: ["The organization was not found.", "L'organisation est introuvable."],
  otherOrg: ["Only the user may change this profile.", "Seul l'utilisateur peut modifier ce profil."],
  permission: [
    "You do not have the application's permissions for this organization.",
    "Vous n'avez pas les droits de l'application pour cette organisation.",
  ],
  phone: ["The phone may not be longer than 20 characters.", "Le téléphone ne peut dépasser 20 caractères."],
  readOnly: ["This organization is read-only.", "Cette organisation est en lecture seule."],
  request: ["The request is missing a required parameter.", "Il manque un paramètre à la requête."],
  required: ["This field is required.", "Ce champ est obligatoire."],
  role: ["The selected role is invalid.", "Le rôle choisi n'est pas valide."],
  seats: ["There is no free seat.", "Il n'y a plus de place libre."],
  server: ["Server Error", "Erreur du serveur"],
  taken: ["The email has already been taken.", "Cette adresse est déjà utilisée."],
  throttle: ["Too Many Attempts.", "Trop de tentatives."],
  timezone: ["The timezone must be a valid zone.", "Le fuseau horaire doit être valide."],
  trial: ["The limit of your plan is reached.", "La limite de votre formule est atteinte."],
  unauthenticated: ["Unauthenticated.", "Non authentifié."],
  unavailable: ["The service is not available.", "Le service est indisponible."],
  validation: ["The given data was invalid.", "Les données ne sont pas valides."],
} as const satisfies Record<string, readonly [english: string, french: string]>;

export type MessageId = keyof typeof MESSAGES;

export function message(id: MessageId, isLocalised: boolean): string {
  return MESSAGES[id][isLocalised ? 1 : 0];
}
