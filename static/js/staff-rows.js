// Adds one more blank row to a list of rows; without it, a few blank ones are there after each saving.

class Rows {
  constructor(list) {
    this.list = list;
    this.blank = list.querySelector("template[data-row]");
    this.total = list.querySelector(`[name="${list.dataset.rows}-TOTAL_FORMS"]`);
    this.most = Number(list.querySelector(`[name="${list.dataset.rows}-MAX_NUM_FORMS"]`).value);
    this.more = list.querySelector("[data-rows-more]");
    this.more.querySelector("button").addEventListener("click", () => this.add());
    this.#show();
  }

  add() {
    const index = Number(this.total.value);
    const row = this.blank.content.firstElementChild.cloneNode(true);
    const number = (text) => text.replaceAll("__prefix__", index).replaceAll("__number__", index + 1);
    const parts = document.createTreeWalker(row, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let part = row; part; part = parts.nextNode()) {
      if (part.nodeType === Node.TEXT_NODE) part.data = number(part.data);
      else for (const attribute of part.attributes) attribute.value = number(attribute.value);
    }
    this.more.before(row);
    this.total.value = index + 1;
    row.querySelector("select, input:not([type=hidden])").focus();
    this.#show();
  }

  #show() {
    this.more.hidden = Number(this.total.value) >= this.most;
  }
}

for (const list of document.querySelectorAll("[data-rows]")) new Rows(list);
