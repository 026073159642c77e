// Fills in the invitation from the link's fragment, which never reaches the server, and takes it
// out of the address. Without script the invitation is pasted.
(function () {
  const field = document.getElementById("invitation");
  const said = decodeURIComponent(window.location.hash.slice(1));
  if (field && /^[\w-]{20,100}$/.test(said)) {
    field.value = said;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    document.getElementById("new").focus();
  }
})();
