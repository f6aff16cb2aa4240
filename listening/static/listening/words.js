/* What scripts say, in the language of the page: the page holds it, since no script can
   know it. The table is listening/script_words.py. */

export const words = JSON.parse(document.getElementById("script-words").textContent);
