// The scenario of public comparisons of these backends: 50 users, 500 articles, 5,000 comments,
// favorites and follows, then concurrent visitors that use every endpoint. Any response other than
// a success fails the run.
import http from 'k6/http'
import { check, fail } from 'k6'
import exec from 'k6/execution'

const API = `${__ENV.URL}/api`
const [USERS, ARTICLES, COMMENTS] = [50, 500, 5000]
const PASSWORD = 'correct horse battery staple'
const TAGS = Array.from({ length: 20 }, (_, n) => `tag${n}`)

export const options = {
  scenarios: {
    mixed: { executor: 'constant-vus', vus: 32, duration: `${__ENV.SECONDS}s` },
  },
  setupTimeout: '300s',
  summaryTrendStats: ['count', 'med', 'p(95)', 'p(99)', 'max'],
  // k6 reports an endpoint on its own only if it has a threshold.
  thresholds: Object.fromEntries([
    ['checks', ['rate==1']],
    ...['register', 'log-in', 'user', 'update-user', 'profile', 'follow', 'unfollow', 'list', 'by-tag', 'by-author', 'favorited', 'feed',
      'article', 'publish', 'update-article', 'delete-article', 'favorite', 'unfavorite', 'comments', 'comment', 'delete-comment', 'tags',
    ].map((name) => [`http_req_duration{endpoint:${name},scenario:mixed}`, ['max>=0']]),
  ]),
}

const pick = (list) => list[Math.floor(Math.random() * list.length)]
const unique = () => `${exec.vu.idInTest}x${exec.vu.iterationInScenario}x${Date.now()}`

function request(endpoint, method, path, body, token) {
  const headers = { 'Content-Type': 'application/json' }
  if (token) headers.Authorization = `Token ${token}`
  const response = http.request(method, `${API}${path}`, body && JSON.stringify(body), { headers, tags: { endpoint, name: endpoint } })
  if (!check(response, { success: ({ status }) => status >= 200 && status < 300 })) {
    console.error(`${method} ${path}: ${response.status} ${response.body}`)
  }
  return response
}

const register = (name) => request('register', 'POST', '/users', { user: { username: name, email: `${name}@example.com`, password: PASSWORD } })

const publish = (token, title, tagList) =>
  request('publish', 'POST', '/articles', { article: { title, description: 'What it is about', body: 'Some words. '.repeat(100), tagList } }, token)

// These requests are not part of the figures.
export function setup() {
  const users = Array.from({ length: USERS }, (_, n) => ({ name: `user${n}`, token: register(`user${n}`).json('user.token') }))
  const articles = Array.from({ length: ARTICLES }, (_, n) =>
    publish(users[n % USERS].token, `Article ${n}`, [TAGS[n % 20], TAGS[(n * 7 + 1) % 20]]).json('article.slug'))
  for (let n = 0; n < COMMENTS; n += 1) {
    request('comment', 'POST', `/articles/${articles[n % ARTICLES]}/comments`, { comment: { body: `Comment ${n}` } }, users[n % USERS].token)
  }
  users.forEach(({ token }, n) => {
    for (let k = 1; k <= 5; k += 1) request('follow', 'POST', `/profiles/user${(n + k) % USERS}/follow`, null, token)
    for (let k = 0; k < 20; k += 1) request('favorite', 'POST', `/articles/${articles[(n * 10 + k) % ARTICLES]}/favorite`, null, token)
  })
  if (users.some(({ token }) => !token)) fail('a registration failed')
  return { users, articles }
}

// One visit: eleven reads and ten writes. Registrations and log-ins, which occupy a core, are rare.
export default function ({ users, articles }) {
  const { name, token } = pick(users)
  const slug = pick(articles)
  request('list', 'GET', '/articles')
  request('list', 'GET', `/articles?limit=10&offset=${10 * Math.floor(Math.random() * 20)}`, null, token)
  request('by-tag', 'GET', `/articles?tag=${pick(TAGS)}`)
  request('by-author', 'GET', `/articles?author=${name}`)
  request('favorited', 'GET', `/articles?favorited=${name}`, null, token)
  request('feed', 'GET', '/articles/feed', null, token)
  request('article', 'GET', `/articles/${slug}`, null, token)
  request('comments', 'GET', `/articles/${slug}/comments`, null, token)
  request('profile', 'GET', `/profiles/${pick(users).name}`, null, token)
  request('tags', 'GET', '/tags')
  request('user', 'GET', '/user', null, token)

  // No other visitor changes what this one creates, so that every request must succeed.
  request('favorite', 'POST', `/articles/${slug}/favorite`, null, token)
  request('unfavorite', 'DELETE', `/articles/${slug}/favorite`, null, token)
  const other = pick(users.filter((user) => user.name !== name)).name
  request('follow', 'POST', `/profiles/${other}/follow`, null, token)
  request('unfollow', 'DELETE', `/profiles/${other}/follow`, null, token)
  const comment = request('comment', 'POST', `/articles/${slug}/comments`, { comment: { body: 'Well said.' } }, token).json('comment.id')
  request('delete-comment', 'DELETE', `/articles/${slug}/comments/${comment}`, null, token)
  request('update-user', 'PUT', '/user', { user: { bio: `Now ${unique()}` } }, token)
  const mine = publish(token, `Mine ${unique()}`, ['mine']).json('article.slug')
  request('update-article', 'PUT', `/articles/${mine}`, { article: { body: 'Better words.' } }, token)
  request('delete-article', 'DELETE', `/articles/${mine}`, null, token)
  if (exec.vu.iterationInScenario % 50 === 0) {
    const visitor = `visitor${unique()}`
    register(visitor)
    request('log-in', 'POST', '/users/login', { user: { email: `${visitor}@example.com`, password: PASSWORD } })
  }
}
