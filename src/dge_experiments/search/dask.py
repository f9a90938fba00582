"""joblib's Dask back end, for workers that die."""

import asyncio
from typing import Any

from joblib import register_parallel_backend
from joblib._dask import DaskDistributedBackend

NAME = "dask_telling"


class Telling(DaskDistributedBackend):  # type: ignore[misc]
    """joblib's own calls nobody back for work that ended with an error of Dask's, such as ``KilledWorker``, so that a
    run waits for ever; here that error is the result, and joblib raises it. Arrays that were lost with the workers
    that held them are sent again, and work never runs in this process, which joblib does where one worker is left."""

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
                found: Any = result[1] if future.status == "error" else result
                of_joblib.set_result(found)
                callback(found)
            await asyncio.sleep(0.01)


register_parallel_backend(NAME, Telling)
