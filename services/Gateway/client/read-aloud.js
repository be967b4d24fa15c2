// Reads questions aloud: fetches a question's speech from the gateway and plays it. The text is on the screen in any case: whatever fails here
// costs only the voice.

const STORAGE_KEY = 'capture:read-aloud';

/** One voice for one session. onChange is called whenever available, playing, automatic or note have changed. */
export class ReadAloud {
  #automatic;
  #available = false;
  #audio = null;
  #index = -1;
  #storage;

  constructor({ sessionId, token, onChange, storage = globalThis.localStorage, fetchSpeech = globalThis.fetch?.bind(globalThis), AudioType = globalThis.Audio }) {
    this.address = (index) => `/api/sessions/${encodeURIComponent(sessionId)}/questions/${index}/speech`;
    this.headers = { authorization: `Bearer ${token}` };
    this.onChange = onChange;
    this.fetchSpeech = fetchSpeech;
    this.AudioType = AudioType;
    this.#storage = storage;
    this.#automatic = storage?.getItem(STORAGE_KEY) !== 'off';
    this.playing = false;
    this.note = '';
  }

  get available() {
    return this.#available;
  }

  set available(value) {
    this.#available = value;
    this.onChange();
  }

  get automatic() {
    return this.#automatic;
  }

  set automatic(value) {
    this.#automatic = value;
    this.#storage?.setItem(STORAGE_KEY, value ? 'on' : 'off');
    this.onChange();
  }

  /** Another question is shown: the one before falls silent; this one is read when that is wanted. */
  question(index) {
    this.stop();
    this.#index = index;
    this.note = '';
    if (this.#available && this.#automatic) {
      this.play();
    }
    this.onChange();
  }

  /** Resolves when the speech plays, or when there is none. */
  async play() {
    this.stop();
    const index = this.#index;
    this.playing = true;
    this.onChange();
    try {
      const response = await this.fetchSpeech(this.address(index), { headers: this.headers });
      if (index !== this.#index || !this.playing) {
        return;
      }
      if (response.status !== 200) {
        this.#silent(response.status === 204 ? 'There is no voice at the moment: please read the question.' : 'The question could not be read aloud.');
        return;
      }
      const address = URL.createObjectURL(await response.blob());
      const audio = new this.AudioType(address);
      const ended = () => {
        URL.revokeObjectURL(address);
        if (this.#audio === audio) {
          this.stop();
        }
      };
      audio.addEventListener('ended', ended);
      audio.addEventListener('error', ended);
      if (index !== this.#index || !this.playing) {
        URL.revokeObjectURL(address);
        return;
      }
      this.#audio = audio;
      await audio.play();
      this.note = '';
      this.onChange();
    } catch (error) {
      if (index === this.#index && this.playing) {
        this.#silent(error.name === 'NotAllowedError' ? 'The browser waits for a click before it plays sound.' : 'The question could not be read aloud.');
      }
    }
  }

  stop() {
    this.#audio?.pause();
    this.#audio = null;
    this.playing = false;
    this.onChange();
  }

  #silent(note) {
    this.note = note;
    this.stop();
  }
}
