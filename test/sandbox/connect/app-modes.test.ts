import { expect, test } from 'vitest'
import { appModeOf } from '../../../sandbox/connect/app-modes.ts'

test('a mode tells what is done with it and under which tag', () => {
  expect(appModeOf('quarto-static')).toEqual({ kind: 'document', tag: 'build_report' })
  expect(appModeOf('jupyter-static')).toEqual({ kind: 'document', tag: 'build_jupyter' })
  expect(appModeOf('python-fastapi')).toEqual({ kind: 'app', tag: 'run_fastapi_app' })
  expect(appModeOf('static')?.kind).toBe('static')
})

test('a python mode that nobody knows yet is an app, any other is none', () => {
  expect(appModeOf('python-gradio')).toEqual({ kind: 'app', tag: 'run_app' })
  expect([appModeOf('unheard-of'), appModeOf('constructor')]).toEqual([undefined, undefined])
})
