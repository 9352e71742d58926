export { nearest, nearestAsync, type NearestNeighbours, type NearestOptions } from './nearest.js'
