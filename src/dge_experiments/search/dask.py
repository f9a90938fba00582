"""joblib's Dask back end, corrected for workers that die."""

import asyncio
from typing import Any

from joblib import register_parallel_backend
from joblib._dask import DaskDistributedBackend

NAME = "dask_telling"


class Telling(DaskDistributedBackend):  # type: ignore[misc]
    """Three corrections of joblib's back end. Work that ends with an error of Dask's, such as ``KilledWorker``, gets
    this error as its result, and joblib raises it; joblib's back end calls nobody back and waits for ever. Arrays that
    were lost with a worker are sent again. Work never runs in this process, as it does in joblib with one worker."""

    data_futures: dict[int, Any]

    def effective_n_jobs(self, n_jobs: int) -> int:
        return max(2, int(super().effective_n_jobs(n_jobs)))

    def start_call(self) -> None:
        if any(future.status != "finished" for future in self.data_futures.values()):
            sent = self.client.scatter(self._scatter, broadcast=True)
            self.data_futures = {id(array): future for array, future in zip(self._scatter, sent, strict=True)}
        super().start_call()

    async def _collect(self) -> None:
        while self._continue:
            async for future, result in self.waiting_futures:
                of_joblib, callback = self._results.pop(future), self._callbacks.pop(future)
                outcome: Any = result[1] if future.status == "error" else result
                of_joblib.set_result(outcome)
                callback(outcome)
            await asyncio.sleep(0.01)


register_parallel_backend(NAME, Telling)
