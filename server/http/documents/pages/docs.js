/* Starts Swagger UI with a search over all operations, and takes over the token of a login. */

const LOGINS = /\/v1\/auth\/(login|register|refresh|password)$/;

/** Operations of which every word is said by area, method, path, summary or id. */
function matching(areas, phrase) {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  const says = (area, one) =>
    [
      area,
      one.get("method"),
      one.get("path"),
      one.getIn(["operation", "summary"]),
      one.getIn(["operation", "operationId"]),
    ]
      .join(" ")
      .toLowerCase();
  return areas
    .map((of, area) =>
      of.update("operations", (list) =>
        list.filter((one) => words.every((word) => says(area, one).includes(word))),
      ),
    )
    .filter((of) => of.get("operations").size > 0);
}

/** The field above the areas; they open while something is searched for. */
const searchField = (_original, system) => () => {
  const { React, layoutActions, layoutSelectors, specSelectors } = system.getSystem();
  const phrase = layoutSelectors.currentFilter();
  const search = ({ target }) => {
    layoutActions.updateFilter(target.value);
    specSelectors
      .taggedOperations()
      .keySeq()
      .forEach((area) => layoutActions.show(["operations-tag", area], target.value !== ""));
  };
  return React.createElement(
    "div",
    { className: "filter-container wrapper" },
    React.createElement("input", {
      className: "operation-filter-input",
      type: "search",
      placeholder: "Search: create job, /v1/gigs, log in …",
      "aria-label": "Search operations",
      value: typeof phrase === "string" && phrase !== "true" ? phrase : "",
      onChange: search,
    }),
  );
};

const search = () => ({
  fn: { opsFilter: matching },
  wrapComponents: { FilterContainer: searchField },
});

window.docs = SwaggerUIBundle({
  dom_id: "#docs",
  url: "/v1/openapi.json",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  plugins: [search],
  responseInterceptor: (response) => {
    const token = response.ok && LOGINS.test(response.url) && response.body?.access_token;
    if (token) {
      window.docs.preauthorizeApiKey("token", token);
    }
    return response;
  },
  tryItOutEnabled: true,
  validatorUrl: "none",
});
