{
  const buy = document.querySelector("[data-buy]");
  if (buy) buy.href = buy.dataset.buy;
  const left = document.querySelector("[data-until]");
  const until = Date.parse(left.dataset.until);
  const two = (number) => String(number).padStart(2, "0");
  const show = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds <= 0) return location.reload();
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    left.textContent = `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
    setTimeout(show, 1000);
  };
  if (until > Date.now()) {
    left.parentElement.hidden = false;
    show();
  }
}
