// Stands in for the front end in a committed notebook: the picture, until the cell is run.
export default {
  render({ model, el }) {
    const { title, words, language } = model.get("spec");
    const picture = document.createElement("img");
    picture.src = model.get("still");
    picture.alt = model.get("alt") ?? title;
    picture.style.cssText = "max-width: 100%; height: auto; background: #fff";
    const line = document.createElement("p");
    line.lang = language;
    line.textContent = words["live.ui.still"] ?? "";
    el.append(picture, line);
  },
};
