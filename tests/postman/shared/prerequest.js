// Runs before every request. `run` is a suffix that makes the names of one run unique.
// Postman keeps collection variables from run to run and newman does not. A run therefore begins
// with the first request; any other request draws a suffix only if it is missing.
saved = name => pm.variables.get(name) || '';
if (pm.info.requestName === FIRST_REQUEST || !saved('run')) {
  const random = Math.floor(Math.random() * 36 ** 3).toString(36).padStart(3, '0');
  pm.collectionVariables.set('run', Date.now().toString(36) + random);
}
run = saved('run');
