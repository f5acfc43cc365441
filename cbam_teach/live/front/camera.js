// A picture from the camera, which runs only between a press of a button and the next.
import { button, make } from "./dom.js";
import { Refusal } from "./picture_fit.js";

export function cameraWorks() {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

// taken(video): a frame was taken; refused(error): no camera. Gives { node, open(), close() }.
export function cameraPart(context, taken, refused) {
  const video = make("video", { class: "cbam-live-video", playsinline: true, "aria-label": context.say("camera.view") });
  video.muted = true;
  let stream = null;
  let wanted = false;

  function close() {
    wanted = false;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    node.hidden = true;
  }

  function take(event) {
    if (video.videoWidth === 0) return;
    taken(video, event.timeStamp);
    close();
  }

  const node = make("div", { class: "cbam-live-camera", hidden: true }, video,
    make("div", { class: "cbam-live-buttons" }, button(context.say("camera.take"), take), button(context.say("close"), close)));

  async function open() {
    if (wanted) return;
    wanted = true;
    try {
      const found = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      if (!wanted) return found.getTracks().forEach((track) => track.stop()); // closed while it was asked for
      stream = found;
      video.srcObject = stream;
      node.hidden = false;
      await video.play();
    } catch (error) {
      if (!wanted) return;
      close();
      refused(new Refusal("error.camera", { message: error.name }));
    }
  }

  return { node, open, close };
}
