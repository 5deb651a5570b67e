// Data: the index is unpacked at once, a record only when it is shown or searched.

async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (one) => one.charCodeAt(0));
  const { readable, writable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  writer.write(bytes);
  writer.close();
  return JSON.parse(await new Response(readable).text());
}

const packedContents = document.getElementById("contents").textContent.trim().split("\n");
const haystacks = new Map();

function contentOf(position) {
  return unpacked(packedContents[position]);
}

// Texts and what is searched in them, so that neither case nor the form of characters makes a difference.
function folded(text) {
  return text.normalize("NFKC").toLowerCase();
}

// What a search looks through: the id, the document and the values.
async function haystackOf(position, record) {
  if (!haystacks.has(position)) {
    const content = await contentOf(position);
    const texts = [record.id || "", content.parts.document ? content.parts.document.text : "", content.raw || ""];
    for (const value of content.values) texts.push(value.text === undefined ? value.type || "" : value.text);
    haystacks.set(position, folded(texts.join("\n")));
  }
  return haystacks.get(position);
}
