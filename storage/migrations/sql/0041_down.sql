-- Takes back what 0041 made. A server of before keeps its times to itself.
DROP TABLE schedules;
