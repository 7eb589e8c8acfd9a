import { testPython } from '../../support/python.mjs'
import { TEST_CODE, testPhone } from '../support/settings.mjs'

testPython(new URL('../python/test_client.py', import.meta.url), {
  POSTERN_TEST_CODE: TEST_CODE,
  POSTERN_TEST_PHONE: testPhone(50),
})
