namespace Broker.Connection;

/// <summary>Starts what lives longer than the call that needs it first: it gets nothing of that call's <see cref="ExecutionContext"/>.</summary>
internal static class CallerContext
{
    public static Task RunOutsideAsync(Func<Task> work) => RunOutsideAsync(async () =>
    {
        await work();
        return true;
    });

    public static Task<T> RunOutsideAsync<T>(Func<Task<T>> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return Task.Run(work);
        using (ExecutionContext.SuppressFlow())
            return Task.Run(work);
    }
}
