export { EmbeddingMigration, type LoadOptions, type MapOptions } from './embedding-migration.js'
export { MigrationEvaluation } from './evaluation.js'
export type { CalibrationError } from './calibration.js'
export type { CurvePoint, MigrationEvaluationData, MigrationRow, MigrationVerdict } from './evaluation-data.js'
export type { EmbeddingModel, MigrationMethod, MigrationOptions, MigrationWay } from './options.js'
export { MigrationConflictError } from './stores/ledger.js'
export { migrateStore, rollbackStore, type MigratedRows, type MigrateStoreOptions } from './stores/migrate.js'
export {
  verifyStore,
  type Extent,
  type KeptNeighbours,
  type StoreVerification,
  type VerifyStoreOptions,
} from './stores/verify.js'
export type {
  Ledger,
  LedgerEntry,
  PageSpan,
  StoreMigration,
  VectorCollection,
  VectorMap,
  VectorPage,
  VectorRows,
  VectorSource,
  VectorTarget,
} from './stores/vector-store.js'
export type { HeldRetention } from './retention.js'
