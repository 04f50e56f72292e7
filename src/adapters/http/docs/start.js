// Shows the OpenAPI document. A user who registers or logs in on this page is authorized with the
// token of the response.
const ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null, // sends nothing to another host
  responseInterceptor: (response) => {
    const isLogIn = /\/api\/users(\/login)?$/.test(new URL(response.url).pathname);
    if (isLogIn && response.ok) ui.preauthorizeApiKey("Token", `Token ${response.body.user.token}`);
    return response;
  },
});
