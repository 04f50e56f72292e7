// Runs before the test script of every request, which sees the names assigned without `const`:
// run, body, saved and check.
saved = name => pm.variables.get(name) || '';
run = saved('run');

const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);
const isText = value => typeof value === 'string' && value !== '';
const isTexts = value => Array.isArray(value) && value.every(isText);

const kinds = {
  text: isText,
  textOrNull: value => value === null || isText(value),
  boolean: value => typeof value === 'boolean',
  count: value => Number.isInteger(value) && value >= 0,
  id: value => Number.isSafeInteger(value),
  time: value => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  slug: value => isText(value) && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value),
  sortedTexts: value => isTexts(value) && value.every((text, i) => !i || value[i - 1] < text),
};
const shapes = RESPONSES;

const parse = () => {
  try {
    const json = pm.response.json();
    return isObject(json) ? json : {};
  } catch (e) {
    return {};
  }
};
body = parse();

/** Requires exactly the fields of the shape, each of its kind. */
const requireShape = (value, shape, path) => {
  if (Array.isArray(shape)) {
    pm.expect(Array.isArray(value), path + ' is an array').to.equal(true);
    value.forEach((element, i) => requireShape(element, shape[0], `${path}[${i}]`));
  } else if (isObject(shape)) {
    pm.expect(isObject(value), path + ' is an object').to.equal(true);
    pm.expect(Object.keys(value).sort(), 'fields of ' + path).to.eql(Object.keys(shape).sort());
    Object.keys(shape).forEach(key => requireShape(value[key], shape[key], `${path}.${key}`));
  } else {
    pm.expect(kinds[shape](value), `${path} is ${shape}: ${JSON.stringify(value)}`).to.equal(true);
  }
};

/** Replaces the variables in all texts of an expected value. */
const expand = value => {
  if (typeof value === 'string') return pm.variables.replaceIn(value);
  if (Array.isArray(value)) return value.map(expand);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner)]));
};

/** Reduces a value to the fields that the expectation names. */
const pick = (value, expected) => !isObject(expected) || !isObject(value) ? value
  : Object.fromEntries(Object.keys(expected).map(key => [key, pick(value[key], expected[key])]));

const header = name => pm.response.headers.get(name) || '';
const list = value => value.split(',').map(item => item.trim());

const requireJson = status => pm.test(`status is ${status}, content is JSON`, () => {
  pm.expect(pm.response.code).to.equal(status);
  pm.expect(header('Content-Type')).to.equal('application/json; charset=utf-8');
});
const requireBody = name => pm.test(`body has exactly the fields of ${name}`, () => {
  requireShape(body, shapes[name], 'body');
});

check = {
  equal(name, actual, expected) {
    pm.test(name, () => pm.expect(actual()).to.eql(expand(expected)));
  },
  one(name, status, fields) {
    requireJson(status);
    requireBody(name);
    check.equal('fields have the expected values', () => pick(body[name], expand(fields)), fields);
  },
  page() {
    requireJson(200);
    requireBody('articles');
  },
  articles(titles, total) {
    check.page();
    check.equal('articles are the expected ones, newest first', () => body.articles.map(a => a.title), titles);
    check.equal('articlesCount counts all matches', () => body.articlesCount, total);
  },
  comments(bodies) {
    requireJson(200);
    requireBody('comments');
    check.equal('comments are the expected ones, newest first', () => body.comments.map(c => c.body), bodies);
  },
  tags() {
    requireJson(200);
    pm.test('body is a list of distinct tags', () => {
      requireShape(body, shapes.tags, 'body');
      pm.expect(new Set(body.tags).size).to.equal(body.tags.length);
    });
  },
  noContent() {
    pm.test('status is 204, body is empty', () => {
      pm.expect(pm.response.code).to.equal(204);
      pm.expect(pm.response.text() || '').to.equal('');
    });
  },
  error(status, messages) {
    requireJson(status);
    const errors = Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, [message]]));
    const name = Object.entries(messages).map(([key, message]) => `${key} ${message}`).join(', ');
    pm.test(name, () => pm.expect(body).to.eql({ errors }));
  },
  someError() {
    requireJson(422);
    pm.test('errors have the common shape', () => {
      pm.expect(Object.keys(body)).to.eql(['errors']);
      pm.expect(isObject(body.errors) && Object.keys(body.errors).length > 0, 'errors').to.equal(true);
      Object.entries(body.errors).forEach(([key, messages]) => {
        pm.expect(isTexts(messages) && messages.length > 0, key).to.equal(true);
      });
    });
  },
  allows(...methods) {
    pm.test(`Allow has ${methods.join(', ')} and not the method of the request`, () => {
      pm.expect(list(header('Allow'))).to.include.members(methods);
      pm.expect(list(header('Allow'))).not.to.include(pm.request.method);
    });
  },
  readableFromAnyOrigin() {
    pm.test('other origins may read the response, without credentials', () => {
      pm.expect(header('Access-Control-Allow-Origin')).to.be.oneOf(['*', 'http://localhost:3000']);
      pm.expect(header('Access-Control-Allow-Credentials')).not.to.equal('true');
    });
  },
  preflight(method) {
    pm.test('preflight succeeds', () => pm.expect(pm.response.code).to.be.oneOf([200, 204]));
    check.readableFromAnyOrigin();
    pm.test(`other origins may send ${method} with Authorization and Content-Type`, () => {
      const headers = list(header('Access-Control-Allow-Headers').toLowerCase());
      pm.expect(list(header('Access-Control-Allow-Methods'))).to.include(method);
      pm.expect(headers).to.include.members(['authorization', 'content-type']);
    });
  },
};
