// Shows the API's document. Whoever registers or logs in on this page is authorized with the token of the answer.
const ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null, // nothing of this page goes to anybody else
  responseInterceptor: (answer) => {
    const begins = /\/api\/users(\/login)?$/.test(new URL(answer.url).pathname);
    if (begins && answer.ok) ui.preauthorizeApiKey("Token", `Token ${answer.body.user.token}`);
    return answer;
  },
});
