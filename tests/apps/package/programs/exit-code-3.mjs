console.log('the application ran');
process.exitCode = 3;
