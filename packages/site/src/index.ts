export { siteFiles, type Files } from './site.ts';
export { learned, storyLink } from './pages/front.ts';
