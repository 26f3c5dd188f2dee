using Broker.Hosting.Lifetime;

namespace Broker.Consumer.Supervision;

/// <summary>
/// Turns signals and the supervisor's orders into one stop. <c>timeout</c>, systemd and shells send a signal to a process and to its group, so that it
/// comes twice, and a supervisor's child has it from both sides. Only a person's second Ctrl-C cancels what runs.
/// </summary>
internal sealed class StopRequests(ConsumerLifetime life, TimeProvider clock)
{
    /// <summary>A second SIGINT within this time is the first one, forwarded.</summary>
    public static readonly TimeSpan Forwarded = TimeSpan.FromMilliseconds(300);

    private long _first;

    /// <summary>SIGTERM, or the order of the supervisor: however many, they are one stop.</summary>
    public void Stop() => TryBegin();

    /// <summary>SIGINT: the second one cancels.</summary>
    public void Interrupt()
    {
        if (!TryBegin() && clock.GetElapsedTime(Volatile.Read(ref _first)) > Forwarded)
            life.CancelNow();
    }

    public void Cancel() => life.CancelNow();

    private bool TryBegin()
    {
        if (Interlocked.CompareExchange(ref _first, clock.GetTimestamp(), 0) != 0)
            return false;
        life.Stop();
        return true;
    }
}
