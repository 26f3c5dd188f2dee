namespace Broker.Hosting.Health;

/// <summary>Whether jobs can reach us now; whoever needs to know subscribes.</summary>
internal sealed class Readiness
{
    private readonly Lock _lock = new();

    public event Action<bool>? Changed;

    public bool IsReady { get; private set; }

    public void Set(bool ready)
    {
        lock (_lock)
        {
            if (IsReady == ready)
                return;
            IsReady = ready;
            Changed?.Invoke(ready);
        }
    }
}
