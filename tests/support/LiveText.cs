using System.Text;

namespace Broker.Tests.Support;

/// <summary>The output of a running program so far; a test waits for a part of it instead of for a time.</summary>
public sealed class LiveText
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    public override string ToString()
    {
        lock (_lock)
            return _text.ToString();
    }

    internal async Task FollowAsync(StreamReader reader)
    {
        var buffer = new char[16 * 1024];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
            Grow(() => _text.Append(buffer, 0, read));
        Grow(() => _ended = true);
    }

    /// <summary>Waits until <paramref name="holds"/> is true of the text; false if the text ended before.</summary>
    internal async Task<bool> WaitForAsync(Func<string, bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            bool ended;
            lock (_lock)
                (grown, ended) = (_grown.Task, _ended);
            if (holds(ToString()))
                return true;
            if (ended)
                return false;
            await grown.WaitAsync(cancellationToken);
        }
    }

    private void Grow(Action change)
    {
        TaskCompletionSource before;
        lock (_lock)
        {
            change();
            before = _grown;
            _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        before.SetResult();
    }
}
