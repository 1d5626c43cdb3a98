/** What is done with content of a mode: it is rendered once, it is kept running, or neither. */
export interface AppMode {
  readonly kind: 'document' | 'app' | 'static'
  /** The tag of its jobs. */
  readonly tag: string
}

const modes: Readonly<Record<string, AppMode>> = {
  static: { kind: 'static', tag: 'build_report' },
  'rmd-static': { kind: 'document', tag: 'build_report' },
  'quarto-static': { kind: 'document', tag: 'build_report' },
  'jupyter-static': { kind: 'document', tag: 'build_jupyter' },
  shiny: { kind: 'app', tag: 'run_app' },
  'rmd-shiny': { kind: 'app', tag: 'run_app' },
  'quarto-shiny': { kind: 'app', tag: 'run_app' },
  nodejs: { kind: 'app', tag: 'run_app' },
  api: { kind: 'app', tag: 'run_api' },
  'python-api': { kind: 'app', tag: 'run_python_api' },
  'python-fastapi': { kind: 'app', tag: 'run_fastapi_app' },
  'python-dash': { kind: 'app', tag: 'run_dash_app' },
  'python-streamlit': { kind: 'app', tag: 'run_streamlit' },
  'python-bokeh': { kind: 'app', tag: 'run_bokeh_app' },
  'python-shiny': { kind: 'app', tag: 'run_pyshiny_app' },
  'jupyter-voila': { kind: 'app', tag: 'run_voila_app' },
}

/** The mode of that name; any other `python-…` is an app, too. */
export function appModeOf(name: string): AppMode | undefined {
  if (Object.hasOwn(modes, name)) return modes[name]
  return name.startsWith('python-') ? { kind: 'app', tag: 'run_app' } : undefined
}
