// Every page: light or dark, as the reader says.
import { themeButton } from '@lastref/report/client/theme';

document.getElementById('theme')?.append(themeButton());
