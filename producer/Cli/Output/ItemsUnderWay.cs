using Broker.Pool;

namespace Broker.Producer.Cli.Output;

/// <summary>How far the items are that have no outcome yet.</summary>
internal sealed class ItemsUnderWay
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, double> _fractions = [];
    private (long Index, string Text)? _newest;

    /// <summary>What they come to, in whole items.</summary>
    public double Sum
    {
        get
        {
            lock (_lock)
                return _fractions.Values.Sum();
        }
    }

    /// <summary>What the handler of one of them said last; empty where none says anything.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
                return _newest?.Text ?? "";
        }
    }

    public void Learn(JobProgress progress)
    {
        lock (_lock)
        {
            _fractions[progress.Index] = progress.Fraction ?? 0;
            if (progress.Text is { } text)
                _newest = (progress.Index, SafeText.Of(text));
        }
    }

    /// <summary>The item has its outcome.</summary>
    public void Ended(long index)
    {
        lock (_lock)
        {
            _fractions.Remove(index);
            if (_newest?.Index == index)
                _newest = null;
        }
    }
}
