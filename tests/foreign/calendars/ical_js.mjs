// What ical.js reads in a calendar: the facts of each meeting.
import ICAL from 'ical.js'

const told = JSON.parse(process.argv[2])
const calendar = new ICAL.Component(ICAL.parse(told.calendar))
const events = calendar.getAllSubcomponents('vevent').map((component) => {
  const event = new ICAL.Event(component)
  return {
    uid: event.uid,
    sequence: event.sequence,
    starts_at: event.startDate.toJSDate().toISOString(),
    ends_at: event.endDate.toJSDate().toISOString(),
    status: component.getFirstPropertyValue('status'),
    summary: event.summary,
    location: event.location,
    description: event.description,
  }
})
process.stdout.write(`${JSON.stringify({ done: events })}\n`)
