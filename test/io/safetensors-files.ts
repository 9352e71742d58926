// Files written by the reference implementation, safetensors 0.8.0 (Python), in base64.

/** One or more tensors each. */
export const SAFETENSORS_FILES = {
  // one tensor of each dtype, the name being the dtype in lower case; 'f64' has no dimensions, 'empty' is 0 x 3 of F32
  every:
    '6AIAAAAAAAB7InU2NCI6eyJkdHlwZSI6IlU2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCJpNjQiOnsi' +
    'ZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls4LDI0XX0sImY2NCI6eyJkdHlwZSI6IkY2NCIsInNo' +
    'YXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMjQsMzJdfSwiZW1wdHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsM10sImRh' +
    'dGFfb2Zmc2V0cyI6WzMyLDMyXX0sImYzMiI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpb' +
    'MzIsNDhdfSwidTMyIjp7ImR0eXBlIjoiVTMyIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNDgsNTZdfSwiaTMyIjp7' +
    'ImR0eXBlIjoiSTMyIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNTYsNjRdfSwiZjE2Ijp7ImR0eXBlIjoiRjE2Iiwi' +
    'c2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNjQsNzBdfSwidTE2Ijp7ImR0eXBlIjoiVTE2Iiwic2hhcGUiOlsyXSwiZGF0' +
    'YV9vZmZzZXRzIjpbNzAsNzRdfSwiaTE2Ijp7ImR0eXBlIjoiSTE2Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNzQs' +
    'NzhdfSwiaTgiOnsiZHR5cGUiOiJJOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6Wzc4LDgwXX0sInU4Ijp7ImR0eXBl' +
    'IjoiVTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls4MCw4Ml19LCJib29sIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBl' +
    'IjpbMSwyXSwiZGF0YV9vZmZzZXRzIjpbODIsODRdfX3//////////wAAAAAAAACA/////////3+amZmZmZm5PwAAwD8AAADA' +
    'AABAQAAAgEAAAAAA/////wAAAID///9/AD7/ewEAAAD//wCA/3+AfwD/AQA=',
  // tensor i of the list of names in the test is [i], U8; the metadata are { '__proto__': 'é "quoted"\n' }
  names:
    'AAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJfX3Byb3RvX18iOiLDqSBcInF1b3RlZFwiXG4ifSwiIjp7ImR0eXBlIjoiVTgi' +
    'LCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlswLDFdfSwiMTAiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMV0sImRhdGFf' +
    'b2Zmc2V0cyI6WzEsMl19LCI5Ijp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlsyLDNdfSwiX19w' +
    'cm90b19fIjp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlszLDRdfSwiY29uc3RydWN0b3IiOnsi' +
    'ZHR5cGUiOiJVOCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzQsNV19LCJxdW90ZVwiXFwvXG5cdTAwMDF/4oCoIjp7' +
    'ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls1LDZdfSwi77+uIjp7ImR0eXBlIjoiVTgiLCJzaGFw' +
    'ZSI6WzFdLCJkYXRhX29mZnNldHMiOls2LDddfSwi8J+YgCI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZz' +
    'ZXRzIjpbNyw4XX19ICAgIAQAAQIDBwUG',
  // 'w', BF16: [1, -10, Infinity]; the metadata are { a: 'b' }
  brain:
    'UAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJhIjoiYiJ9LCJ3Ijp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpbM10sImRhdGFf' +
    'b2Zmc2V0cyI6WzAsNl19fYA/IMGAfw==',
  // no tensor
  none: 'CAAAAAAAAAB7fSAgICAgIA==',
} as const
