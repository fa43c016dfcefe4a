export function LogbookPage() {
  return null;
}
