using Broker.Consumer.Execution;
using Broker.Consumer.Health;

namespace Broker.Consumer.Supervision;

/// <summary>The child's end of its tie to the supervisor.</summary>
internal static class ParentLink
{
    public static void Attach(ProcessLife life, Readiness readiness)
    {
        var output = Console.Out;
        readiness.Changed += ready =>
        {
            output.WriteLine(ready ? ChildProcess.Ready : ChildProcess.NotReady);
            output.Flush();
        };
        _ = Task.Factory.StartNew(() => Listen(life), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static void Listen(ProcessLife life)
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line == ChildProcess.Stop)
                life.Stop();
        }

        // The supervisor is gone: a drain of our own, for nobody is left to ask for one.
        if (!life.Drain.IsCancellationRequested)
            life.Stop();
    }
}
