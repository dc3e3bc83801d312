import { cronFields, type CronFields } from './cron-fields.ts';
import { timerGroups, type EmitInput, type EmittedFile, type TimerGroup } from './schedule.ts';

const weekdayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * The schedule as a service and timers of systemd: each timer starts the service, which runs what is due and ends. Pure.
 */
export function emitSystemd(input: EmitInput): EmittedFile[] {
  const { name, title, files, gamedayFile, environment } = input;
  const unit = `firedrill-${name}`;
  const config = `/etc/firedrill/${name}`;
  return [
    {
      path: `${unit}.service`,
      text: `# What is due of the schedule "${oneLine(title)}" is run, and the service ends. Started by its timers; by hand:
#   systemctl start ${unit}.service
[Unit]
Description=firedrill: ${oneLine(title)}
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
Type=oneshot
ExecStart=/usr/bin/env firedrill gameday schedule ${config}/${gamedayFile} --once --env ${config}/environment.yaml --state /var/lib/${unit}/state --out /var/lib/${unit}/runs
# What the environment file takes from variables, such as \${env:ETCD_PASSWORD}.
EnvironmentFile=-${config}/secrets.env
User=firedrill
StateDirectory=${unit}
StateDirectoryMode=0700
# Ending it undoes what is broken: it takes as long as that takes.
TimeoutStartSec=infinity
TimeoutStopSec=30min
# Only firedrill itself is told to end, and tells its drill; its watchdog outlives it, and puts back what it has left.
KillMode=process
OOMPolicy=continue
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=no
`,
    },
    ...timerGroups(input.recurring).map((group) => timer(unit, group)),
    ...files.map((file) => ({ ...file, path: `config/${file.path}` })),
    { path: 'config/environment.yaml', text: environment },
    {
      path: 'install.sh',
      text: `#!/bin/sh
# Puts the units and the files of the schedule in their places, and starts its timers. As root, in this folder.
set -eu
getent passwd firedrill >/dev/null || useradd --system --home-dir /var/lib/${unit} --shell /usr/sbin/nologin firedrill
install -d -m 0755 ${config}
cp -R config/. ${config}/
install -m 0644 ${unit}*.service ${unit}*.timer /etc/systemd/system/
systemctl daemon-reload
systemctl enable --now ${timerGroups(input.recurring).map((group) => `${unit}-${group.name}.timer`).join(' ')}
`,
    },
  ];
}

function timer(unit: string, { name, cron, timeZone, of }: TimerGroup): EmittedFile {
  const calendars = onCalendar(cronFields(cron), timeZone);
  return {
    path: `${unit}-${name}.timer`,
    text: `# ${of.map((slot) => slot.name).join(', ')}: "${cron}" in ${timeZone}
[Unit]
Description=firedrill: when ${of.map((slot) => slot.name).join(', ')} of ${unit} is due

[Timer]
${calendars.map((calendar) => `OnCalendar=${calendar}`).join('\n')}
# At the minute: the jitter is firedrill's own, which is drawn by the slot.
AccuracySec=1s
# What was due while this machine was off is not made up for when it is on again: firedrill reports it as missed the next
# time that it is started, and runs what is still in time.
Persistent=false
Unit=${unit}.service

[Install]
WantedBy=timers.target
`,
  };
}

/** Cron takes either of day of the month and day of the week when both are given; systemd both: so there are two lines. */
export function onCalendar({ minutes, hours, days, months, weekdays }: CronFields, timeZone: string): string[] {
  const list = (values: readonly number[] | undefined): string => (values === undefined ? '*' : values.map((value) => String(value).padStart(2, '0')).join(','));
  const every = (values: readonly number[], count: number): string => (values.length === count ? '*' : list(values));
  const time = `${every(hours, 24)}:${every(minutes, 60)}:00 ${timeZone}`;
  const byDay = `*-${list(months)}-${list(days)} ${time}`;
  if (weekdays === undefined) return [byDay];
  const byWeekday = `${weekdays.map((day) => weekdayNames[day]).join(',')} *-${list(months)}-* ${time}`;
  return days === undefined ? [byWeekday] : [byDay, byWeekday];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
