/** Who speaks when it is chosen from the command bar: the button on the screen; null: there is none. */
import { createStore } from "../../core/store";

export const talker = createStore<(() => void) | null>(null);
