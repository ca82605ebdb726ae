// Material gives its search dialog a role but no name; the name of its own search field will do.
const dialog = document.querySelector("[data-md-component=search][role=dialog]")
const field = document.querySelector("[data-md-component=search-query]")
if (dialog && field) dialog.setAttribute("aria-label", field.getAttribute("aria-label"))
