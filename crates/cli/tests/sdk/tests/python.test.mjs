import { testPython } from '../support/python.mjs'

testPython(new URL('../python/test_data.py', import.meta.url))
