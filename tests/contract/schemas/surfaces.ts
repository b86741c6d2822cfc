import type { HomeView, KnownBlock, ModalView } from "@slack/types";

// Newer than the package: written from the vendor's reference of the block.
interface Point { label: string; value: number }
interface Series { name: string; data: Point[] }
interface Axis { categories: string[]; x_label?: string; y_label?: string }
interface SeriesChart { type: "line" | "bar" | "area"; series: Series[]; axis_config: Axis }
interface PieChart { type: "pie"; segments: Point[] }
export interface DataVisualizationBlock { type: "data_visualization"; block_id?: string; title: string; chart: SeriesChart | PieChart }

export interface Surfaces {
  blocks: (KnownBlock | DataVisualizationBlock)[];
  home: HomeView;
  modal: ModalView;
}
