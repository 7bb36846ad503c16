console.log('lastref: nothing to compare yet');
