import { expect, test } from 'vitest'
import { jobItem } from '../../../sandbox/connect/job-item.ts'

test('every id is a string, times and codes that are not known are null', () => {
  const item = jobItem(
    { id: 1, key: 'abc', guid: 'g', contentId: 2, variantId: 0, bundleId: 4, tag: 'build_report' },
    { pid: 5, status: 0, exitCode: null, startTime: 's', endTime: null, heartbeat: 'h' },
  )
  expect(item).toMatchObject({
    id: '1',
    key: 'abc',
    app_id: '2',
    content_id: '2',
    content_guid: 'g',
    variant_id: '0',
    bundle_id: '4',
    pid: '5',
    ppid: String(process.pid),
    start_time: 's',
    last_heartbeat_time: 'h',
    end_time: null,
    exit_code: null,
    status: 0,
  })
})
