export function RegisteredModelPage() {
  return null;
}
