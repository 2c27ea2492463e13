set -e
cd /work/h/example-gen
PY=/work/h/example/.venv/bin/python
$PY out.py && $PY static.py
cd /work/h/example && (time .venv/bin/books check) 2>&1 | tail -60
