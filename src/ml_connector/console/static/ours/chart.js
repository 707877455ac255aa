// Draws the history of the screen of today. The same figures stand beside it as a table.
(() => {
  // A canvas knows plain colours only: what a variable comes to, light or dark, is asked of an element that wears it.
  const colour = (place, name) => {
    const worn = place.appendChild(document.createElement("span"));
    worn.style.color = `var(${name})`;
    const plain = getComputedStyle(worn).color;
    worn.remove();
    return plain;
  };
  document.querySelectorAll("[data-chart]").forEach(async (place) => {
    const answer = await fetch(place.dataset.chart, { headers: { Accept: "application/json" } });
    if (!answer.ok || !window.uPlot) return;
    const figures = await answer.json();
    const at = figures.days.map((day) => Date.parse(day + "T00:00:00Z") / 1000);
    const text = colour(place, "--tblr-body-color");
    const axis = (more) => ({ stroke: text, grid: { stroke: colour(place, "--tblr-border-color"), width: 1 }, ...more });
    const chart = new uPlot({
      width: place.clientWidth || 600, height: 220, tzDate: (second) => uPlot.tzDate(new Date(second * 1000), "UTC"),
      series: [
        { label: "Day" },
        { label: "Posted", stroke: colour(place, "--tblr-green"), width: 2 },
        { label: "Began to wait", stroke: colour(place, "--tblr-orange"), width: 2, dash: [6, 4] },
      ],
      axes: [axis(), axis({ size: 60 })],
      scales: { y: { range: (_chart, _low, high) => [0, Math.max(5, high)] } },
    }, [at, figures.posted, figures.held], place);
    addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 220 }));
  });
})();
