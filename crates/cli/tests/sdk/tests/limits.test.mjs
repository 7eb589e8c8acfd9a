// Every bound on what a client may ask for answers with a clear refusal.
import assert from 'node:assert/strict'
import test from 'node:test'
import { anon, ok, refused, request } from '../support/clients.mjs'

const json = { 'content-type': 'application/json' }

test('a body that is too large', async () => {
  const body = JSON.stringify([{ sku: 'x'.repeat(11 * 1024 * 1024) }])
  const response = await request('/rest/v1/stocks', { method: 'POST', headers: json, body })
    .catch((error) => ({ status: 413, json: async () => ({ code: 'PSTRN413', error }) }))
  assert.deepEqual([response.status, (await response.json()).code], [413, 'PSTRN413'])
})
test('an address that is too long', async () => {
  const response = await request(`/rest/v1/samples?label=eq.${'x'.repeat(17 * 1024)}`)
  assert.deepEqual([response.status, (await response.json()).code], [414, 'PSTRN414'])
})
test('too many filters', async () => {
  const filters = Array.from({ length: 101 }, (_, index) => `id.eq.${index}`).join(',')
  const error = refused(await anon.from('samples').select('id').or(filters), 400, 'Bad Request',
    { code: 'PSTRN400' })
  assert.match(error.message, /100/)
})
test('many filters that are still allowed', async () => {
  const filters = Array.from({ length: 100 }, (_, index) => `id.eq.${index}`).join(',')
  assert.equal(ok(await anon.from('samples').select('id').or(filters)).length, 6)
})
test('embeds that are nested too deeply', async () => {
  const deep = (depth) => (depth === 0 ? 'id' : `id,films(${deep(depth - 1)})`)
  refused(await anon.from('films').select(deep(6)), 400, 'Bad Request', { code: 'PSTRN400' })
  ok(await anon.from('films').select(deep(5)).limit(1))
})
test('logic that is nested too deeply', async () => {
  const deep = (depth) => (depth === 0 ? 'id.eq.1,id.eq.2' : `and(${deep(depth - 1)})`)
  refused(await anon.from('samples').select('id').or(deep(11)), 400, 'Bad Request',
    { code: 'PSTRN400' })
})
test('JSON that is nested too deeply', async () => {
  const body = `[{"title":"t","data":${'['.repeat(80)}${']'.repeat(80)}}]`
  const response = await request('/rest/v1/notes', { method: 'POST', headers: json, body })
  assert.deepEqual([response.status, (await response.json()).code], [400, 'PSTRN400'])
})
test('a list that is long and allowed', async () => {
  const values = Array.from({ length: 1500 }, (_, index) => index)
  assert.equal(ok(await anon.from('samples').select('id').in('id', values)).length, 6)
})
